import CCurl
import WaybillPorts

extension CurlTransfer {
    /// Whether a byte of the request may have left. libcurl calls before it sends anything of a request, so as long as
    /// it has not called, nothing did. Its count of bytes alone would not do: under TLS a record that went out can still
    /// count as nothing.
    var exposure: RequestExposure {
        var bytesSent = 0
        unsafe ccurl_get_long(handle, CURLINFO_REQUEST_SIZE, &bytesSent)
        return attempts == 0 && bytesSent == 0 ? .notSent : .maybeSent
    }

    /// The result of a transfer that has ended.
    func outcome(_ code: CURLcode, roundTrip: Duration) -> Result<HTTPResponse, HTTPError> {
        guard code == CURLE_OK else { return .failure(failure(code)) }
        var (status, newConnections) = (0, 0)
        unsafe ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        unsafe ccurl_get_long(handle, CURLINFO_NUM_CONNECTS, &newConnections)
        // libcurl 7.88 calls an answer that broke off within its headers a success.
        guard hasWholeHead && status >= 200 else {
            return .failure(HTTPError(.transport, exposure, "the answer broke off within its headers"))
        }
        let response = HTTPResponse(
            status: status,
            headers: headers(),
            body: body,
            reusedConnection: newConnections == 0,
            roundTrip: roundTrip
        )
        return .success(response)
    }

    /// The headers of the last answer: not of one that only said to go on.
    private func headers() -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        var last: UnsafeMutablePointer<curl_header>?
        while let header = unsafe curl_easy_nextheader(handle, UInt32(CURLH_HEADER), -1, last) {
            let (name, value) = unsafe (header.pointee.name, header.pointee.value)
            if let name = unsafe name, let value = unsafe value {
                unsafe headers.append(HTTPHeader(String(cString: name), text(ofValue: value)))
            }
            unsafe last = header
        }
        return headers
    }

    /// libcurl 7.88 leaves the end of the line in a value that is empty.
    private func text(ofValue value: UnsafePointer<CChar>) -> String {
        let text = unsafe String(cString: value)
        return text == "\r" ? "" : text
    }

    private func failure(_ code: CURLcode) -> HTTPError {
        if attempts > 1 && code == CURLE_ABORTED_BY_CALLBACK {
            return HTTPError(.transport, exposure, "the connection was closed without an answer, and once is the limit")
        }
        let text = unsafe failureText ?? String(cString: curl_easy_strerror(code))
        return HTTPError(errorCode(code), exposure, "\(text) (libcurl \(code.rawValue))")
    }

    private func errorCode(_ code: CURLcode) -> HTTPError.Code {
        switch code {
        case _ where isTooLarge, CURLE_FILESIZE_EXCEEDED: .responseTooLarge
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST: .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            .tls
        // The latter is also said of an answer that is not HTTP.
        case CURLE_URL_MALFORMAT where attempts == 0, CURLE_UNSUPPORTED_PROTOCOL where attempts == 0: .invalidRequest
        default: .transport
        }
    }
}
