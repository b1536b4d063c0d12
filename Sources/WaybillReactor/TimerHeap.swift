/// The timers of a loop, soonest first: a binary heap whose entries know their place, so that setting and stopping one
/// of thousands takes logarithmic time. Times are nanoseconds of the loop's clock.
struct TimerHeap {
    private struct Slot {
        /// Counts the slot's owners, so that a timer that was removed cannot touch the next one in its place.
        var generation = 0
        var due: UInt64 = 0
        /// Equal times fire in the order in which they were set.
        var order: UInt64 = 0
        /// Where in the heap, nil while the timer is stopped.
        var place: Int?
        var fire: Reactor.TimerHandler?
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    /// Slot numbers; each is not later than the two at twice its place.
    private var heap: [Int] = []
    private var order: UInt64 = 0

    /// Timers that were made and not removed, stopped ones included.
    var count: Int { slots.count - free.count }

    /// When the next one is due, nil when all are stopped.
    var earliest: UInt64? { heap.first.map { slots[$0].due } }

    mutating func make(_ fire: @escaping Reactor.TimerHandler) -> ReactorTimer {
        let slot = free.popLast() ?? slots.count
        if slot == slots.count { slots.append(Slot()) }
        slots[slot].fire = fire
        return ReactorTimer(slot: slot, generation: slots[slot].generation)
    }

    /// Starts a timer, or starts it anew; nil stops it.
    mutating func set(_ timer: ReactorTimer, due: UInt64?) {
        let slot = checked(timer)
        takeOut(slot)
        guard let due else { return }
        order += 1
        slots[slot].due = due
        slots[slot].order = order
        heap.append(slot)
        slots[slot].place = heap.count - 1
        rise(heap.count - 1)
    }

    /// Returns what it would have done, for the caller to let go of.
    mutating func remove(_ timer: ReactorTimer) -> Reactor.TimerHandler? {
        let slot = checked(timer)
        takeOut(slot)
        slots[slot].generation += 1
        free.append(slot)
        return slots[slot].fire.take()
    }

    /// Stops and returns the soonest timer that is due at `now`, nil for none.
    mutating func popDue(at now: UInt64) -> Reactor.TimerHandler? {
        guard let slot = heap.first, slots[slot].due <= now else { return nil }
        takeOut(slot)
        return slots[slot].fire
    }

    private func checked(_ timer: ReactorTimer) -> Int {
        precondition(slots[timer.slot].generation == timer.generation, "a timer was used after it was removed")
        return timer.slot
    }

    private mutating func takeOut(_ slot: Int) {
        guard let place = slots[slot].place else { return }
        slots[slot].place = nil
        let last = heap.removeLast()
        guard last != slot else { return }
        put(last, at: place)
        rise(place)
        sink(slots[last].place ?? place)
    }

    private mutating func rise(_ start: Int) {
        var place = start
        while place > 0, isSooner(heap[place], heap[(place - 1) / 2]) {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            var soonest = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && isSooner(heap[child], heap[soonest]) {
                soonest = child
            }
            guard soonest != place else { return }
            swap(place, soonest)
            place = soonest
        }
    }

    private func isSooner(_ left: Int, _ right: Int) -> Bool {
        (slots[left].due, slots[left].order) < (slots[right].due, slots[right].order)
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        let slot = heap[left]
        put(heap[right], at: left)
        put(slot, at: right)
    }

    private mutating func put(_ slot: Int, at place: Int) {
        heap[place] = slot
        slots[slot].place = place
    }
}
