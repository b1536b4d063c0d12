import CCurl
import WaybillPorts

/// The options that are the same for every request.
///
/// Proxies: none, ever. The environment's `http_proxy` and `no_proxy` are not looked at: a proxy would have to be
/// trusted with unsigned parts of requests, would stand between a loopback endpoint and its caller, and a request that
/// a proxy lost could not be told from one that the server has.
///
/// Names are resolved on threads of libcurl's. `QUICK_EXIT` keeps it from waiting for such a thread, and the reactor
/// with it, when a request ends before its name was found.
struct CurlOptions {
    let settings: HTTPEngineSettings
    let share: CurlShare
    let watch: SocketWatch

    func apply(to transfer: CurlTransfer) {
        let handle = unsafe transfer.handle
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_QUICK_EXIT, 1),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            (CURLOPT_FOLLOWLOCATION, 0),
            (CURLOPT_PATH_AS_IS, 1),
            (CURLOPT_TCP_KEEPALIVE, 1),
            (CURLOPT_MAXAGE_CONN, max(1, Int(settings.idleConnectionLifetime.components.seconds))),
            (CURLOPT_SSL_VERIFYPEER, 1),
            (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
        ]
        for (option, value) in numbers { unsafe require(ccurl_set_long(handle, option, value)) }
        unsafe require(ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https"))
        unsafe require(ccurl_set_string(handle, CURLOPT_PROXY, ""))
        unsafe require(ccurl_set_pointer(handle, CURLOPT_SHARE, share.handle))
        unsafe require(ccurl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, watch.context))
        unsafe require(ccurl_set_open_callback(handle, SocketWatch.openCallback))
        unsafe require(ccurl_set_pointer(handle, CURLOPT_CLOSESOCKETDATA, watch.context))
        unsafe require(ccurl_set_close_callback(handle, SocketWatch.closeCallback))
        unsafe trustAuthorities(handle)
    }

    /// libcurl keeps parsed authorities from one connection to the next only when they come from a file alone, which
    /// is some 20 ms of the reactor's time each: so the system's folder of them is left out where there is a file.
    private func trustAuthorities(_ handle: UnsafeMutableRawPointer) {
        if let file = settings.certificateAuthorityFile {
            unsafe require(ccurl_set_string(handle, CURLOPT_CAINFO, file))
        } else if unsafe ccurl_default_ca_file() == nil {
            return
        }
        unsafe require(ccurl_set_pointer(handle, CURLOPT_CAPATH, nil))
    }

    private func require(_ code: CURLcode) {
        precondition(
            code == CURLE_OK,
            "libcurl 7.87 or newer with TLS is needed: an option was refused, \(code.rawValue)"
        )
    }
}
