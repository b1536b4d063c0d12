/// Where a service is reached: scheme, host, port, and a path that stands before every request's own.
package struct AWSEndpoint: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Hashable, Sendable {
        case http, https

        var defaultPort: Int {
            switch self {
            case .http: 80
            case .https: 443
            }
        }
    }

    package let scheme: Scheme
    /// In lower case; an IPv6 address in brackets.
    package let host: String
    package let port: Int
    /// Empty, or a path without a slash at its end.
    package let path: String

    /// Reads `http[s]://host[:port][/path]`, or gives nil.
    package init?(_ url: String) {
        guard let colon = url.firstRange(of: "://"),
            let scheme = Scheme(rawValue: url[..<colon.lowerBound].lowercased())
        else { return nil }
        let rest = url[colon.upperBound...]
        guard !rest.contains(where: { "?#@ ".contains($0) || !$0.isASCII }) else { return nil }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let (host, port) = Self.split(authority: rest[..<slash]) else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.defaultPort
        var path = rest[slash...]
        while path.hasSuffix("/") { path = path.dropLast() }
        self.path = String(path)
    }

    /// A service's standard endpoint in a region. Source: the partitions of botocore's `endpoints.json`.
    package init(_ service: AWSService, region: String) {
        let region = service.onlyRegion ?? region
        scheme = .https
        host = "\(service.hostPrefix).\(region).\(region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com")"
        port = scheme.defaultPort
        path = ""
    }

    /// The value of the `Host` header.
    package var authority: String { port == scheme.defaultPort ? host : "\(host):\(port)" }

    package var description: String { "\(scheme.rawValue)://\(authority)\(path)" }

    /// On this machine: an emulator. Only there may the times of the delivery protocol be short (DESIGN 2B).
    package var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" || Self.isLoopbackIPv4(host)
    }

    private static func isLoopbackIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil } && parts[0] == "127"
    }

    private static func split(authority: Substring) -> (host: String, port: Int?)? {
        let afterHost: Substring.Index
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            afterHost = authority.index(after: bracket)
        } else {
            afterHost = authority.firstIndex(of: ":") ?? authority.endIndex
        }
        let host = authority[..<afterHost].lowercased()
        guard !host.isEmpty else { return nil }
        let rest = authority[afterHost...]
        guard !rest.isEmpty else { return (host, nil) }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()), port > 0 else { return nil }
        return (host, Int(port))
    }
}
