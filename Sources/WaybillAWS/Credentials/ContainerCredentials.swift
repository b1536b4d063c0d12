import WaybillPorts

/// The endpoint that ECS, and EKS Pod Identity, put beside a container. Source of addresses, limits and order: botocore
/// 1.43, `ContainerProvider`.
struct ContainerCredentials {
    static let timeout = Duration.seconds(2)
    static let tries = 3
    /// Where a relative address begins: ECS's agent.
    private static let agent = "http://169.254.170.2"
    /// Hosts besides the loopback that may be asked without TLS: the agents of ECS and EKS. A token must go to nobody
    /// else in the clear.
    private static let clearHosts: Set = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

    private let context: AWSContext
    private var surroundings: AWSSurroundings { context.surroundings }

    init(context: AWSContext) {
        self.context = context
    }

    func look() async throws(AWSError) -> AWSCredentialsChain.LinkResult {
        guard let url = try address() else {
            return .nothing(
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set"
            )
        }
        let what = "container endpoint \(url)"
        let headers = try [HTTPHeader("Accept", "application/json")] + authorization()
        let fetch = MetadataFetch(context: context, timeout: Self.timeout, tries: Self.tries)
        let response = try await fetch.send("GET", url, headers, for: what)
        return .found(try MetadataFetch.credentials(in: response, from: what))
    }

    private func address() throws(AWSError) -> String? {
        if let path = surroundings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard path.hasPrefix("/"), Self.isVisibleASCII(path) else {
                throw AWSError(
                    .credentials,
                    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path that begins with /, percent-encoded"
                )
            }
            return Self.agent + path
        }
        guard let url = surroundings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        guard Self.isVisibleASCII(url), let endpoint = AWSEndpoint(String(url.prefix { $0 != "?" })) else {
            throw AWSError(.credentials, "AWS_CONTAINER_CREDENTIALS_FULL_URI must be an http or https URL of a host")
        }
        guard endpoint.scheme == .https || endpoint.isLoopback || Self.clearHosts.contains(endpoint.host) else {
            throw AWSError(
                .credentials,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI: http is allowed to the loopback, 169.254.170.2, 169.254.170.23 "
                    + "and fd00:ec2::23 only, not to \(endpoint.host)"
            )
        }
        return url
    }

    private static func isVisibleASCII(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// The file, read anew each time, goes before the variable.
    private func authorization() throws(AWSError) -> [HTTPHeader] {
        let fileVariable = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
        let variable = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
        if let path = surroundings.variable(fileVariable) {
            let token = try surroundings.requiredFile(path, namedBy: fileVariable)
            return [try Self.header(token, from: "\(fileVariable): \(path)")]
        }
        guard let token = surroundings.variable(variable) else { return [] }
        return [try Self.header(token, from: variable)]
    }

    private static func header(_ token: String, from source: String) throws(AWSError) -> HTTPHeader {
        guard !token.utf8.contains(0x0D), !token.utf8.contains(0x0A) else {
            throw AWSError(.credentials, "\(source) holds a line break, and would become more than one header")
        }
        guard !token.isEmpty else { throw AWSError(.credentials, "\(source) is empty") }
        return HTTPHeader("Authorization", token)
    }
}
