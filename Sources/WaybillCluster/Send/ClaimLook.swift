import WaybillCore
import WaybillPorts

/// Where the next claim begins to look for jobs. Entries of the queue's index that were claimed stay in it until a vacuum takes
/// them, which an open transaction prevents, so a claim that begins at the start of the index reads past all of them.
///
/// A claim goes on behind the last one. Once a second it looks a little further back, for jobs that were committed late. A full
/// look finds the rest: jobs with an old time that are free again. It is due every second too, but where it is dear it takes a
/// fiftieth of the time, and it comes at once when there may be such jobs.
package struct ClaimLook: Hashable, Sendable {
    package struct Timing: Hashable, Sendable {
        /// How often claims look further back than behind the last one.
        package var interval: Duration
        /// How far back, in the time since which jobs are due.
        package var margin: Duration
        /// Full looks take so little of the time, one part of this, unless they are ``latest``.
        package var share: Int
        /// The longest time between two full looks.
        package var latest: Duration

        package init(
            interval: Duration = .seconds(1),
            margin: Duration = .seconds(2),
            share: Int = 50,
            latest: Duration = .seconds(60)
        ) {
            self.interval = interval
            self.margin = margin
            self.share = share
            self.latest = latest
        }
    }

    /// What a claim reads.
    enum Depth: Hashable, Sendable {
        case onward, recent, full
    }

    /// A claim that is under way.
    struct Step: Hashable, Sendable {
        let depth: Depth
        /// Jobs that sort behind it are looked at; nil for all.
        let watermark: JobWatermark?
        let begun: Duration
    }

    /// A claim that takes so long and leaves places free has read much for little.
    static let dear = Duration.milliseconds(50)
    /// After a full look that failed, perhaps because it took too long: until then the other claims do what they can.
    private static let failedPause = Duration.seconds(10)

    private let timing: Timing
    /// Claims go on behind it.
    private var position: JobWatermark?
    /// Up to here everything was looked at.
    private var mark: JobWatermark?
    private var nextRecent = Duration.zero
    private var nextFull = Duration.zero
    /// What claims take that are no full looks.
    private var usual: Duration?
    /// What the last full look took beyond that.
    private var lastCost = Duration.zero

    package init(timing: Timing) {
        self.timing = timing
    }

    /// The claim that is to be made now.
    func next(now: Duration) -> Step {
        guard let mark, let position, now < nextFull else { return Step(depth: .full, watermark: nil, begun: now) }
        guard now >= nextRecent else { return Step(depth: .onward, watermark: position, begun: now) }
        let back = JobWatermark(priority: mark.priority, runAt: mark.runAt - timing.margin, id: .min)
        return Step(depth: .recent, watermark: min(back, position), begun: now)
    }

    /// The claim was answered; `last` is the key of its last job, nil when there was none.
    mutating func ended(_ step: Step, last: JobWatermark?, now: Duration) {
        let took = now - step.begun
        if step.depth == .full {
            // One that is dear may have met a slow moment: two in a row have not.
            let cost = max(.zero, took - (usual ?? .zero))
            nextFull = step.begun + min(max(timing.interval, min(cost, lastCost) * timing.share), timing.latest)
            lastCost = cost
        } else {
            usual = usual.map { took < $0 ? took : $0 + (took - $0) / 8 } ?? took
        }
        if step.depth != .onward { nextRecent = step.begun + timing.interval }
        guard let last else { return }
        position = last
        mark = step.depth == .full ? last : mark.map { max($0, last) } ?? last
    }

    /// A claim that left places free has seen all that was due when it began, which was at `time` by the store's clock: the next
    /// need not read again what was claimed before.
    mutating func sawAll(dueAt time: Timestamp) {
        let key = JobWatermark(priority: 0, runAt: time, id: .min)
        position = position.map { max($0, key) } ?? key
        mark = mark.map { max($0, key) } ?? key
    }

    /// The claim failed, and nothing is known of what it would have found.
    mutating func failed(_ step: Step, now: Duration) {
        if step.depth == .full { nextFull = now + Self.failedPause }
    }

    /// There may be jobs anywhere: the next claim is a full look.
    mutating func forget() {
        nextFull = .zero
        lastCost = .zero
    }
}
