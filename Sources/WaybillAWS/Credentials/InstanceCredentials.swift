import WaybillPorts

/// EC2's instance metadata, version 2 only: a session token, the name of the instance's role, its credentials. Source:
/// EC2 User Guide, "Use the Instance Metadata Service".
struct InstanceCredentials {
    static let timeout = Duration.seconds(1)
    /// A machine without the service does not answer: it should not take long to say so.
    static let tries = 2
    static let tokenSeconds = 21_600
    private static let rolePath = "/latest/meta-data/iam/security-credentials/"

    private let context: AWSContext
    private var surroundings: AWSSurroundings { context.surroundings }

    init(context: AWSContext) {
        self.context = context
    }

    func look() async throws(AWSError) -> AWSCredentialsChain.LinkResult {
        if surroundings.isTrue("AWS_EC2_METADATA_DISABLED") { return .nothing("AWS_EC2_METADATA_DISABLED is set") }
        let base = try base()
        let fetch = MetadataFetch(context: context, timeout: Self.timeout, tries: Self.tries)
        let token: HTTPHeader
        do throws(AWSError) {
            token = try await self.token(fetch, base)
        } catch {
            guard error.code == .credentials else { throw error }
            let isSilent = error.status == nil
            return .nothing(error.message + (isSilent ? " (a hop limit of 1 looks so inside a container)" : ""))
        }
        guard let role = try await role(fetch, base, token) else { return .nothing("the instance has no role") }
        let what = "credentials of role \(role) at \(base)"
        let response = try await fetch.send("GET", base + Self.rolePath + role, [token], for: what)
        return .found(try MetadataFetch.credentials(in: response, from: what))
    }

    private func base() throws(AWSError) -> String {
        let profile = try surroundings.settings(of: surroundings.profile) ?? [:]
        func setting(_ name: String) -> String? {
            surroundings.variable("AWS_\(name.uppercased())") ?? profile[name]
        }
        if let url = setting("ec2_metadata_service_endpoint") {
            guard let endpoint = AWSEndpoint(url) else {
                throw AWSError(.credentials, "AWS_EC2_METADATA_SERVICE_ENDPOINT must be an http or https URL of a host")
            }
            return endpoint.description
        }
        let isIPv6 = setting("ec2_metadata_service_endpoint_mode")?.lowercased() == "ipv6"
        return isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
    }

    private func token(_ fetch: MetadataFetch, _ base: String) async throws(AWSError) -> HTTPHeader {
        let what = "session token of \(base)"
        let lifetime = HTTPHeader("X-aws-ec2-metadata-token-ttl-seconds", String(Self.tokenSeconds))
        let response = try await fetch.send("PUT", base + "/latest/api/token", [lifetime], for: what)
        guard response.status == 200 else {
            throw AWSError(.credentials, "\(what): HTTP \(response.status)", status: response.status)
        }
        let token = String(decoding: response.body, as: UTF8.self)
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AWSError(.credentials, "\(what): the answer is no token", status: response.status)
        }
        return HTTPHeader("X-aws-ec2-metadata-token", token)
    }

    /// The first name of the list. It becomes part of a path, so it must be what IAM allows.
    private func role(
        _ fetch: MetadataFetch,
        _ base: String,
        _ token: HTTPHeader
    ) async throws(AWSError) -> String? {
        let what = "role of the instance at \(base)"
        let response = try await fetch.send("GET", base + Self.rolePath, [token], for: what)
        if response.status == 404 { return nil }
        guard response.status == 200 else { throw AWSError(.credentials, "\(what): HTTP \(response.status)") }
        let text = String(decoding: response.body, as: UTF8.self)
        guard let name = text.split(whereSeparator: \.isNewline).first.map({ String($0.trimmingBlanks) }) else {
            return nil
        }
        guard name.utf8.allSatisfy(Self.isRoleCharacter) else {
            throw AWSError(.credentials, "\(what): the answer is no name of a role")
        }
        return name
    }

    /// Letters, digits and `+=,.@_-` (IAM, "Name requirements").
    private static func isRoleCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "+=,.@_-".utf8.contains(byte)
        }
    }
}
