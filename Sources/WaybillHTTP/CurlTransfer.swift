import CCurl
import WaybillPorts

/// One exchange: an easy handle, which is used again for the next.
///
/// libcurl sends a request again by itself when a reused connection is closed before the first byte of an answer. So
/// the callback before each request counts, and forbids the second one unless the request may be repeated.
@safe
final class CurlTransfer {
    /// The engine's number for the call that it serves.
    private(set) var call: UInt64 = 0
    private(set) var body: [UInt8] = []
    /// A limit of the answer was exceeded.
    private(set) var isTooLarge = false
    /// The empty line after the last answer's headers has come.
    private(set) var hasWholeHead = false
    /// How often libcurl was about to send the request.
    private(set) var attempts = 0

    let handle: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private let options: CurlOptions
    private var isRepeatable = false
    private var maxBodyBytes = 0
    private var headerBytes = 0

    /// Of an answer's header lines together; libcurl 7.88 has no limit of its own.
    private static let maxHeaderBytes = 256 << 10

    init(_ options: CurlOptions) {
        guard let handle = unsafe curl_easy_init() else { preconditionFailure("no memory for libcurl") }
        unsafe self.handle = handle
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        self.options = options
        options.apply(to: self)
        installCallbacks()
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(headerList)
        unsafe errorText.deallocate()
    }

    /// Makes the handle ready for a request that passed its validation. `time` is what is left of its total timeout.
    func prepare(_ request: HTTPRequest, call: UInt64, time: Duration) {
        self.call = call
        isRepeatable = request.repeatable
        maxBodyBytes = request.maxResponseBytes
        (attempts, headerBytes, isTooLarge, hasWholeHead) = (0, 0, false, false)
        unsafe errorText.pointee = 0
        unsafe require(ccurl_set_string(handle, CURLOPT_URL, request.url))
        unsafe require(ccurl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.curlMilliseconds))
        unsafe require(ccurl_set_long(handle, CURLOPT_TIMEOUT_MS, time.curlMilliseconds))
        setMethod(request)
        setHeaders(request)
    }

    /// Lets go of the request and its answer.
    func release() {
        body = []
        unsafe require(ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, nil))
    }

    private func setMethod(_ request: HTTPRequest) {
        let hasBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method)
        let isHead = request.method == "HEAD" && !hasBody
        unsafe require(ccurl_set_long(handle, CURLOPT_HTTPGET, 1))
        // A length that is announced too large is refused before the body comes; that of an answer to HEAD never comes.
        unsafe require(ccurl_set_offset(handle, CURLOPT_MAXFILESIZE_LARGE, isHead ? 0 : curl_off_t(maxBodyBytes)))
        if isHead { unsafe require(ccurl_set_long(handle, CURLOPT_NOBODY, 1)) }
        if hasBody { setBody(request.body) }
        unsafe require(ccurl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method))
    }

    private func setBody(_ bytes: [UInt8]) {
        unsafe require(ccurl_set_long(handle, CURLOPT_POST, 1))
        unsafe require(ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)))
        guard !bytes.isEmpty else {
            unsafe require(ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, ""))
            return
        }
        unsafe bytes.withUnsafeBytes { buffer in
            unsafe require(ccurl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, buffer.baseAddress))
        }
    }

    /// The request's headers, and none of those that libcurl would add by itself except Host and Content-Length.
    private func setHeaders(_ request: HTTPRequest) {
        let given = Set(request.headers.map { $0.name.lowercased() })
        var lines = ["Expect:"]
        for name in ["Accept", "Content-Type"] where !given.contains(name.lowercased()) { lines.append("\(name):") }
        for header in request.headers where header.name.lowercased() != "content-length" {
            // In libcurl's language a name with a colon and no value is a header to leave out.
            let isEmpty = header.value.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
            lines.append(isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else {
                preconditionFailure("no memory for libcurl")
            }
            unsafe list = longer
        }
        unsafe require(ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, list))
        unsafe curl_slist_free_all(headerList)
        unsafe headerList = list
    }

    private func require(_ code: CURLcode) {
        precondition(code == CURLE_OK, "libcurl refused an option: \(code.rawValue)")
    }

    /// What libcurl says about its last failure, if it does.
    var failureText: String? {
        let text = unsafe String(cString: errorText)
        return text.isEmpty ? nil : text
    }
}

extension CurlTransfer {
    fileprivate func requestIsDue() -> Bool {
        attempts += 1
        return attempts == 1 || isRepeatable
    }

    fileprivate func received(_ bytes: UnsafeRawBufferPointer) -> Bool {
        isTooLarge = isTooLarge || bytes.count > maxBodyBytes - body.count
        if !isTooLarge { unsafe body.append(contentsOf: bytes) }
        return !isTooLarge
    }

    fileprivate func receivedHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        isTooLarge = isTooLarge || headerBytes > Self.maxHeaderBytes
        // An answer may come after others that say to go on, and trailers may come after its body.
        if unsafe line.starts(with: "HTTP/".utf8) { hasWholeHead = false }
        if line.count <= 2 { hasWholeHead = true }
        return !isTooLarge
    }

    /// The transfer that a handle belongs to.
    static func of(_ handle: UnsafeMutableRawPointer?) -> CurlTransfer {
        var context: UnsafeMutableRawPointer?
        if let handle = unsafe handle { unsafe ccurl_get_pointer(handle, CURLINFO_PRIVATE, &context) }
        return unsafe at(context)
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> CurlTransfer {
        guard let context = unsafe context else { preconditionFailure("libcurl lost a transfer's context") }
        return unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    }

    private func installCallbacks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PREREQDATA] {
            unsafe require(ccurl_set_pointer(handle, option, context))
        }
        unsafe require(ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        unsafe require(
            ccurl_set_prereq_callback(handle) { context, _, _, _, _ in
                unsafe CurlTransfer.at(context).requestIsDue() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            }
        )
        unsafe require(
            ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                return unsafe CurlTransfer.at(context).received(buffer) ? size * count : 0
            }
        )
        unsafe require(
            ccurl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                return unsafe CurlTransfer.at(context).receivedHeader(line) ? size * count : 0
            }
        )
    }
}

extension Duration {
    /// Rounded up and within what libcurl can count; at least 1, as 0 would mean no limit.
    fileprivate var curlMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
