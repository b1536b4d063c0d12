package import Foundation
import Synchronization

/// An HTTP server that does what a test tells it, on plain sockets: one thread accepts, and one for each connection
/// runs the test's script. It counts what really arrived.
package final class TestServer: Sendable {
    package typealias Script = @Sendable (ServerConnection) throws -> Void

    private struct State {
        var requests: [ReceivedRequest] = []
        var connections: [ServerConnection] = []
        var hasEnded = false
    }

    package let port: UInt16
    private let listener: Int32
    private let script: Script
    private let state = Mutex(State())

    package init(_ script: @escaping Script) throws {
        (listener, port) = try makeListener(backlog: 128)
        self.script = script
        Thread.detachNewThread { [self] in accept() }
    }

    package var url: String { "http://127.0.0.1:\(port)/" }
    package var requests: [ReceivedRequest] { state.withLock { $0.requests } }
    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Ends every connection and with it its thread.
    package func end() {
        let connections = state.withLock { state in
            state.hasEnded = true
            return state.connections
        }
        for connection in connections { connection.shutDown() }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    fileprivate func note(_ request: ReceivedRequest) {
        state.withLock { $0.requests.append(request) }
    }

    private func accept() {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            let connection: ServerConnection? = state.withLock { state in
                guard !state.hasEnded else { return nil }
                let number = state.connections.count + 1
                state.connections.append(ServerConnection(descriptor: descriptor, number: number, server: self))
                return state.connections.last
            }
            guard let connection else {
                close(descriptor)
                break
            }
            Thread.detachNewThread { [self] in serve(connection) }
        }
        close(listener)
    }

    private func serve(_ connection: ServerConnection) {
        do {
            try script(connection)
        } catch ServerConnection.Closed.closed {
            // The client is gone, or the test is over.
        } catch {
            preconditionFailure("a test's server: \(error)")
        }
        connection.close()
    }
}

package struct ReceivedRequest: Hashable, Sendable {
    package var connection: Int
    package var line: String
    package var headers: [String]
    package var body: [UInt8]

    package var method: Substring { line.prefix { $0 != " " } }
}

/// A connection in the hands of a test's script.
package final class ServerConnection: Sendable {
    package enum Closed: Error { case closed }

    /// 1 for the first.
    package let number: Int
    private let descriptor: Int32
    private unowned let server: TestServer
    private let buffer = Mutex<[UInt8]>([])
    private let isClosed = Mutex(false)

    init(descriptor: Int32, number: Int, server: TestServer) {
        self.descriptor = descriptor
        self.number = number
        self.server = server
    }

    /// Reads one whole request, which is counted.
    @discardableResult
    package func request() throws(Closed) -> ReceivedRequest {
        var head: Range<Int>?
        while head == nil {
            head = buffer.withLock { $0.firstRange(of: Array("\r\n\r\n".utf8)) }
            if head == nil { try fill() }
        }
        guard let head else { throw .closed }
        let text = buffer.withLock { String(decoding: $0[..<head.lowerBound], as: UTF8.self) }
        let lines = text.components(separatedBy: "\r\n")
        let length =
            lines.compactMap { line -> Int? in
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
                return Int(parts[1].trimmingCharacters(in: .whitespaces))
            }.first ?? 0
        while buffer.withLock({ $0.count }) < head.upperBound + length { try fill() }
        let request = buffer.withLock { buffer in
            let body = Array(buffer[head.upperBound..<head.upperBound + length])
            buffer.removeFirst(head.upperBound + length)
            return ReceivedRequest(connection: number, line: lines[0], headers: Array(lines.dropFirst()), body: body)
        }
        server.note(request)
        return request
    }

    package func send(_ text: String) throws(Closed) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw .closed }
            rest = rest.dropFirst(count)
        }
    }

    /// An answer with a length.
    package func respond(_ body: String = "{}", status: String = "200 OK", headers: [String] = []) throws(Closed) {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        try send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Returns when the client has closed, or the test is over.
    package func waitForClose() throws(Closed) -> Never {
        while true { try fill() }
    }

    /// Closes with a reset, as a server does that died.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    package func close() {
        isClosed.withLock { isClosed in
            if !isClosed { Glibc.close(descriptor) }
            isClosed = true
        }
    }

    /// Ends what its thread waits for. Not after it was closed: the number may be another test's by then.
    fileprivate func shutDown() {
        isClosed.withLock { isClosed in
            if !isClosed { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func fill() throws(Closed) {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { throw .closed }
        buffer.withLock { $0.append(contentsOf: chunk[..<count]) }
    }
}

package struct SocketFailure: Error {
    package var call: String

    package init(call: String) {
        self.call = call
    }
}

/// A socket that listens on a free port of the loopback.
package func makeListener(backlog: Int32) throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SocketFailure(call: "socket") }
    var address = loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            unsafe bind(descriptor, address, size) == 0 && listen(descriptor, backlog) == 0
                && getsockname(descriptor, address, &size) == 0
        }
    }
    guard isBound else {
        close(descriptor)
        throw SocketFailure(call: "bind")
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// 127.0.0.1 with a port; 0 for any that is free.
package func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    return address
}
