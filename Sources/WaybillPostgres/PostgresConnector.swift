import CPostgres
import Glibc
import WaybillCore
import WaybillPorts

/// Makes connections. All of it - name resolution, TLS, the password's key derivation - happens on a thread of its own:
/// each of these may take many milliseconds, and resolving a name blocks as long as the resolver likes.
enum PostgresConnector {
    /// A connection in pipeline mode. Cancellation ends the attempt at once, except during name resolution.
    static func connect(
        _ settings: PostgresSettings,
        environment: any Environment
    ) async throws(StoreError) -> ConnectionHandle {
        let abort = eventfd(0, Int32(EFD_CLOEXEC))
        guard abort >= 0 else { throw StoreError(.unavailable, "eventfd failed: errno \(errno)") }
        defer { close(abort) }
        let result = await withTaskCancellationHandler {
            await OwnThread.run { open(settings, abort: abort, environment: environment) }
        } onCancel: {
            eventfd_write(abort, 1)
        }
        return try result.get()
    }

    private static func open(
        _ settings: PostgresSettings,
        abort: Int32,
        environment: any Environment
    ) -> Result<ConnectionHandle, StoreError> {
        Result { () throws(StoreError) in
            let handle = try start(settings)
            let deadline = environment.monotonicNow() + settings.connectTimeout
            var polling = PGRES_POLLING_WRITING
            while polling != PGRES_POLLING_OK {
                guard polling != PGRES_POLLING_FAILED else { throw StoreError(.unavailable, handle.message) }
                let left = deadline - environment.monotonicNow()
                try wait(for: handle, toRead: polling == PGRES_POLLING_READING, left: left, abort: abort)
                polling = unsafe PQconnectPoll(handle.pointer)
            }
            guard unsafe PQsetnonblocking(handle.pointer, 1) == 0, unsafe PQenterPipelineMode(handle.pointer) == 1
            else {
                throw StoreError(.unavailable, handle.message)
            }
            unsafe cpostgres_ignore_notices(handle.pointer)
            return handle
        }
    }

    /// The encoding is asked for, because parameters and results are UTF-8 whatever the database or the environment
    /// prefers. No `options`: PgBouncer refuses them.
    private static func start(_ settings: PostgresSettings) throws(StoreError) -> ConnectionHandle {
        let pointer = unsafe settings.connectionString.withCString { text in
            unsafe "dbname".withCString { dbname in
                unsafe "client_encoding".withCString { encoding in
                    unsafe "UTF8".withCString { utf8 in
                        unsafe "fallback_application_name".withCString { name in
                            unsafe "waybill".withCString { waybill in
                                let keywords = unsafe [dbname, encoding, name, nil]
                                let values = unsafe [text, utf8, waybill, nil]
                                return unsafe PQconnectStartParams(keywords, values, 1)
                            }
                        }
                    }
                }
            }
        }
        guard let pointer = unsafe pointer else { throw StoreError(.unavailable, "libpq is out of memory") }
        let handle = unsafe ConnectionHandle(pointer)
        guard unsafe PQstatus(handle.pointer) != CONNECTION_BAD else { throw StoreError(.unavailable, handle.message) }
        return handle
    }

    private static func wait(
        for handle: ConnectionHandle,
        toRead: Bool,
        left: Duration,
        abort: Int32
    ) throws(StoreError) {
        let socket = unsafe PQsocket(handle.pointer)
        var descriptors = [
            pollfd(fd: socket, events: Int16(toRead ? POLLIN : POLLOUT), revents: 0),
            pollfd(fd: abort, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = Int32(clamping: max(0, left.wholeMilliseconds))
        let ready = unsafe poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        if descriptors[1].revents != 0 { throw StoreError(.cancelled, "cancelled while connecting") }
        if ready == 0 { throw StoreError(.unavailable, "the server did not answer in time to a new connection") }
        if ready < 0, errno != EINTR { throw StoreError(.unavailable, "poll failed: errno \(errno)") }
    }
}
