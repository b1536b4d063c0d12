import Foundation
import WaybillTestServer

/// A server whose queue of connections is full, so that the next one neither comes about nor is refused.
struct FullListener {
    let port: UInt16
    private let listener: Int32
    private let fillers: [Int32]

    init() throws {
        (listener, port) = try makeListener(backlog: 0)
        fillers = try (0..<4).map { [port] _ in try startConnecting(to: port) }
        // The kernel takes one connection more than the backlog says; it has, once the first is ready to be written to.
        var first = pollfd(fd: fillers[0], events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&first, 1, 5000) == 1 else { throw SocketFailure(call: "poll") }
    }

    func end() {
        for descriptor in fillers + [listener] { close(descriptor) }
    }
}

private func startConnecting(to port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw SocketFailure(call: "socket") }
    var address = loopback(port)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard result == 0 || errno == EINPROGRESS else { throw SocketFailure(call: "connect") }
    return descriptor
}
