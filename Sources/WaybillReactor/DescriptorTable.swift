/// Who is told about which file descriptor.
///
/// Descriptor numbers are used again at once, and one batch of events can hold a descriptor that an earlier event of
/// the batch closed. So each registration has a number of its own, and an event names both: one that was meant for the
/// descriptor's former owner is not delivered to the next.
struct DescriptorTable {
    private struct Entry {
        var registration: UInt32
        var handler: Reactor.EventHandler
    }

    private var entries: [Entry?] = []
    private var registrations: UInt32 = 0

    /// Returns the key that epoll is to give back with the descriptor's events.
    mutating func add(_ descriptor: Int32, _ handler: @escaping Reactor.EventHandler) -> UInt64 {
        registrations &+= 1
        while entries.count <= Int(descriptor) { entries.append(nil) }
        entries[Int(descriptor)] = Entry(registration: registrations, handler: handler)
        return Self.key(descriptor, registrations)
    }

    func key(of descriptor: Int32) -> UInt64? {
        entry(descriptor).map { Self.key(descriptor, $0.registration) }
    }

    /// Returns who was told, for the caller to let go of.
    mutating func remove(_ descriptor: Int32) -> Reactor.EventHandler? {
        guard let entry = entry(descriptor) else { return nil }
        entries[Int(descriptor)] = nil
        return entry.handler
    }

    func handler(for key: UInt64) -> Reactor.EventHandler? {
        guard let entry = entry(Int32(truncatingIfNeeded: key)), entry.registration == UInt32(key >> 32) else {
            return nil
        }
        return entry.handler
    }

    private func entry(_ descriptor: Int32) -> Entry? {
        entries.indices.contains(Int(descriptor)) ? entries[Int(descriptor)] : nil
    }

    private static func key(_ descriptor: Int32, _ registration: UInt32) -> UInt64 {
        UInt64(registration) << 32 | UInt64(UInt32(descriptor))
    }
}
