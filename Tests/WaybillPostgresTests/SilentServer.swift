import Glibc
import Testing

/// A server that takes connections on loopback, greets as PostgreSQL does if it is told to, and then says nothing.
struct SilentServer: Sendable {
    private let port: UInt16

    var connectionString: String {
        "host=127.0.0.1 port=\(port) user=waybill dbname=postgres sslmode=disable gssencmode=disable"
    }

    static func with(answersStartup: Bool, _ body: (SilentServer) async throws -> Void) async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener >= 0)
        let port = try listen(on: listener)
        var thread = pthread_t()
        let greeting = Greeting(listener: listener, answers: answersStartup)
        let code = unsafe pthread_create(
            &thread,
            nil,
            { box in
                guard let box = unsafe box else { return nil }
                unsafe Unmanaged<Greeting>.fromOpaque(box).takeRetainedValue().run()
                return nil
            },
            Unmanaged.passRetained(greeting).toOpaque()
        )
        try #require(code == 0)
        let result = await Result { try await body(SilentServer(port: port)) }
        // Ends `accept`, and with it the thread, which closes what it accepted.
        shutdown(listener, Int32(SHUT_RDWR))
        pthread_join(thread, nil)
        close(listener)
        try result.get()
    }

    private static func listen(on listener: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe bind(listener, address, length) == 0, Glibc.listen(listener, 8) == 0 else { return false }
                return unsafe getsockname(listener, address, &length) == 0
            }
        }
        try #require(result)
        return UInt16(bigEndian: address.sin_port)
    }
}

private final class Greeting: Sendable {
    /// AuthenticationOk, ParameterStatus client_encoding, BackendKeyData, ReadyForQuery.
    private static let greeting: [UInt8] =
        [0x52, 0, 0, 0, 8, 0, 0, 0, 0] + [0x4B, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 1] + [0x5A, 0, 0, 0, 5, 0x49]

    private let listener: Int32
    private let answers: Bool

    init(listener: Int32, answers: Bool) {
        self.listener = listener
        self.answers = answers
    }

    func run() {
        var accepted: [Int32] = []
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            accepted.append(client)
            if answers { unsafe write(client, Self.greeting, Self.greeting.count) }
        }
        for client in accepted { close(client) }
    }
}
