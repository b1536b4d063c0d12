package import WaybillPorts

extension HTTPRequest {
    /// Headers that describe the message's framing or its connection, which are the engine's to write.
    private static let reservedHeaders: Set = [
        "connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// Refuses what would not go out as it is written, or would smuggle something into the message.
    package func validate() throws(HTTPError) {
        guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }), method != "CONNECT" else {
            throw .invalidRequest("the method must be a word in capitals")
        }
        try validateURL()
        for header in headers { try validate(header) }
        guard maxResponseBytes >= 0 else { throw .invalidRequest("maxResponseBytes is negative") }
    }

    private func validateURL() throws(HTTPError) {
        let lowercased = url.prefix(8).lowercased()
        guard lowercased.hasPrefix("https://") || lowercased.hasPrefix("http://") else {
            throw .invalidRequest("the URL must begin with https:// or http://")
        }
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidRequest(
                "the URL must be percent-encoded: it holds a space, a control or a non-ASCII character"
            )
        }
        let authority = url.drop { $0 != "/" }.dropFirst(2).prefix { !"/?#".contains($0) }
        guard !authority.isEmpty, !authority.contains("@") else {
            throw .invalidRequest("the URL must name a host, and no user")
        }
    }

    private func validate(_ header: HTTPHeader) throws(HTTPError) {
        guard !header.name.isEmpty, header.name.utf8.allSatisfy(Self.isTokenCharacter) else {
            throw .invalidRequest("a header's name is empty or holds a character that names cannot have")
        }
        guard header.value.utf8.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }) else {
            throw .invalidRequest("the value of header \(header.name) holds a control character")
        }
        let name = header.name.lowercased()
        guard !Self.reservedHeaders.contains(name), name != "content-length" || header.value == "\(body.count)" else {
            throw .invalidRequest("header \(header.name) is the engine's to write")
        }
    }

    /// RFC 9110's tchar.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

extension HTTPError {
    static func invalidRequest(_ message: String) -> HTTPError { HTTPError(.invalidRequest, .notSent, message) }
}
