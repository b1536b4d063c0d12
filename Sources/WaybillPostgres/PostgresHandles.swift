import CPostgres
import Glibc

/// A libpq connection, closed with its last reference.
///
/// Sendable without the compiler's check: libpq allows one thread at a time on a connection. The thread that connects
/// hands it over and lets go of it; from then on only the actor that holds it, on its reactor's thread, uses it.
@safe final class ConnectionHandle: @unchecked Sendable {  // One thread at a time, as above; libpq's type is a pointer.
    let pointer: OpaquePointer
    /// Nil while notices are dropped.
    var ear: NoticeEar?

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit { unsafe PQfinish(pointer) }

    /// What went wrong last, as libpq says it.
    var message: String {
        guard let text = unsafe PQerrorMessage(pointer) else { return "unknown" }
        return unsafe String(cString: text).trimmed
    }
}

/// A second descriptor of a connection's socket, for the reactor. libpq closes its own one by itself when the connection
/// breaks, and its number may then already be somebody else's.
final class WatchedSocket: Sendable {
    let descriptor: Int32

    init?(of connection: ConnectionHandle) {
        descriptor = fcntl(unsafe PQsocket(connection.pointer), F_DUPFD_CLOEXEC, 0)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }
}

/// What a cancel request needs to know.
///
/// Sendable without the compiler's check: libpq never changes a PGcancel, and documents PQcancel as thread-safe.
@safe final class CancelHandle: @unchecked Sendable {  // Never changed, and PQcancel is thread-safe, as above.
    private let pointer: OpaquePointer

    init?(of connection: ConnectionHandle) {
        guard let pointer = unsafe PQgetCancel(connection.pointer) else { return nil }
        unsafe self.pointer = unsafe pointer
    }

    deinit { unsafe PQfreeCancel(pointer) }

    /// Asks the server to cancel what the connection is doing. Blocks. Whether it had an effect shows in the answer to
    /// the cancelled statement, so a request that failed is no error here: the statement's time limit still holds.
    func requestCancel() {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            _ = unsafe PQcancel(pointer, buffer.baseAddress, Int32(buffer.count))
        }
    }
}

/// A result of libpq, freed with its last reference.
///
/// Sendable without the compiler's check: it is made and read on the reactor's thread, and nothing changes it.
@safe final class ResultHandle: @unchecked Sendable {  // Never changed once it is made, as above.
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit { unsafe PQclear(pointer) }

    var status: ExecStatusType { unsafe PQresultStatus(pointer) }
}

extension String {
    /// libpq ends its messages with a line break.
    var trimmed: String {
        var text = Substring(self)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
