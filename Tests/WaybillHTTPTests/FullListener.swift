import Foundation

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

/// 127.0.0.1 with a port; 0 for any that is free.
func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    return address
}
