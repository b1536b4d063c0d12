import CCurl
import WaybillReactor

/// libcurl's connections, name cache and TLS sessions, and the transfers under way: one multi handle.
@safe
final class CurlMulti {
    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    let watch: SocketWatch
    let share: CurlShare
    private let handle: UnsafeMutableRawPointer

    /// To be called on the reactor's thread.
    init(watch: SocketWatch, maxIdleConnections: Int) {
        precondition(Self.isReady, "libcurl could not be initialised")
        guard let handle = unsafe curl_multi_init() else { preconditionFailure("no memory for libcurl") }
        unsafe self.handle = handle
        self.watch = watch
        share = CurlShare()
        unsafe ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, maxIdleConnections)
        unsafe ccurl_multi_set_pointer(handle, CURLMOPT_SOCKETDATA, watch.context)
        unsafe ccurl_multi_set_socket_callback(handle, SocketWatch.socketCallback)
        unsafe ccurl_multi_set_pointer(handle, CURLMOPT_TIMERDATA, watch.context)
        unsafe ccurl_multi_set_timer_callback(handle, SocketWatch.timerCallback)
    }

    /// Closes the idle connections, on the reactor's thread. Every transfer has been removed before.
    deinit {
        unsafe curl_multi_cleanup(handle)
        watch.end()
    }

    /// Begins a transfer, which stays alive until it is removed. False when libcurl refuses it.
    func add(_ transfer: CurlTransfer) -> Bool {
        unsafe curl_multi_add_handle(handle, transfer.handle) == CURLM_OK
    }

    func remove(_ transfer: CurlTransfer) {
        unsafe curl_multi_remove_handle(handle, transfer.handle)
    }

    /// Lets libcurl act on a socket that is ready.
    func act(on descriptor: Int32, _ ready: IOEvents) {
        var flags: Int32 = 0
        if ready.contains(.read) || ready.contains(.hangup) { flags |= CURL_CSELECT_IN }
        if ready.contains(.write) { flags |= CURL_CSELECT_OUT }
        if ready.contains(.error) { flags |= CURL_CSELECT_ERR }
        act(descriptor, flags)
    }

    /// Lets libcurl act on the time.
    func actOnTimer() {
        act(CURL_SOCKET_TIMEOUT, 0)
    }

    private func act(_ descriptor: Int32, _ flags: Int32) {
        var running: Int32 = 0
        let code = unsafe curl_multi_socket_action(handle, descriptor, flags, &running)
        precondition(code == CURLM_OK, "libcurl's multi handle is unusable: code \(code.rawValue)")
    }

    /// The next transfer that has ended, removed from here.
    func nextEnded() -> (CurlTransfer, CURLcode)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let code = unsafe message.pointee.data.result
            let transfer = unsafe CurlTransfer.of(message.pointee.easy_handle)
            remove(transfer)
            return (transfer, code)
        }
        return nil
    }
}

/// The TLS sessions of all transfers. libcurl 7.88 keeps them for each easy handle alone unless they are shared; no
/// lock is needed, as one thread uses them.
@safe
final class CurlShare {
    let handle: UnsafeMutableRawPointer

    init() {
        guard let handle = unsafe curl_share_init() else { preconditionFailure("no memory for libcurl") }
        unsafe self.handle = handle
        unsafe ccurl_share_set_long(handle, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_SSL_SESSION.rawValue))
    }

    deinit { unsafe curl_share_cleanup(handle) }
}
