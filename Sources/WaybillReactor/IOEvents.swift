import CReactor

/// What a file descriptor is ready for, in epoll's own bits.
package struct IOEvents: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let read = IOEvents(rawValue: UInt32(EPOLLIN.rawValue))
    package static let write = IOEvents(rawValue: UInt32(EPOLLOUT.rawValue))
    /// Reported without having been asked for.
    package static let error = IOEvents(rawValue: UInt32(EPOLLERR.rawValue))
    /// Reported without having been asked for.
    package static let hangup = IOEvents(rawValue: UInt32(EPOLLHUP.rawValue))
}

/// A system call that failed.
package struct SystemCallError: Error, Hashable, Sendable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call) failed: errno \(code)" }
}
