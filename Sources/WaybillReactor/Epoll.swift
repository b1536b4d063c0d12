import CReactor
import Glibc

/// The kernel's list of watched descriptors, and the descriptor that wakes who waits for them.
final class Epoll: Sendable {
    /// Comes with the events of the descriptor that wakes. No other has it: the lower half of a key is a descriptor.
    static let wakeKey = UInt64.max
    /// Events taken at once; more wait for the next time.
    static let eventsPerWait = 256

    private let list: Int32
    private let alarm: Int32

    init() throws(SystemCallError) {
        list = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard list >= 0 else { throw SystemCallError(call: "epoll_create1", code: errno) }
        alarm = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard alarm >= 0 else {
            let code = errno
            close(list)
            throw SystemCallError(call: "eventfd", code: code)
        }
        guard creactor_epoll_ctl(list, EPOLL_CTL_ADD, alarm, IOEvents.read.rawValue, Self.wakeKey) == 0 else {
            throw SystemCallError(call: "epoll_ctl", code: errno)
        }
    }

    deinit {
        close(list)
        close(alarm)
    }

    func add(_ descriptor: Int32, _ events: IOEvents, key: UInt64) {
        require(creactor_epoll_ctl(list, EPOLL_CTL_ADD, descriptor, events.rawValue, key), "watch", descriptor)
    }

    func modify(_ descriptor: Int32, _ events: IOEvents, key: UInt64) {
        require(creactor_epoll_ctl(list, EPOLL_CTL_MOD, descriptor, events.rawValue, key), "modify", descriptor)
    }

    /// A descriptor that was closed has left the list by itself, which is no error.
    func remove(_ descriptor: Int32) {
        let result = creactor_epoll_ctl(list, EPOLL_CTL_DEL, descriptor, 0, 0)
        guard result == 0 || (errno != EBADF && errno != ENOENT) else { return }
        require(result, "remove", descriptor)
    }

    /// Ends the wait of another thread.
    func wake() {
        eventfd_write(alarm, 1)
    }

    func acknowledgeWake() {
        var value: eventfd_t = 0
        unsafe eventfd_read(alarm, &value)
    }

    /// Waits for at most so many milliseconds, -1 for ever, and returns how many events it wrote into the buffer.
    func wait(milliseconds: Int32, _ events: UnsafeMutableBufferPointer<epoll_event>) -> Int {
        let count = unsafe epoll_wait(list, events.baseAddress, Int32(events.count), milliseconds)
        // A signal may interrupt it, which is as good as no event.
        return max(0, Int(count))
    }

    private func require(_ result: Int32, _ what: String, _ descriptor: Int32) {
        precondition(result == 0, "epoll could not \(what) descriptor \(descriptor): errno \(errno)")
    }
}
