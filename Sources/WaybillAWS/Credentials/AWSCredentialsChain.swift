/// Finds credentials where AWS's own tools look, in botocore's order. A link that is not configured gives nothing and
/// the next is tried; one that is configured and fails ends the search, because credentials of another identity would be
/// worse than none. Every failure is `.credentials` or `.cancelled`, and nothing of the caller's request was sent.
package struct AWSCredentialsChain: Sendable {
    /// What a link of the chain gave.
    enum LinkResult {
        case found(FoundCredentials)
        /// Why there is nothing.
        case nothing(String)
    }

    private enum Link: String, CaseIterable {
        case environment
        case role = "role of the profile"
        case webIdentity = "web identity"
        case credentialsFile = "credentials file"
        case otherPrograms = "programs and single sign-on"
        case configFile = "config file"
        case container
        case instance = "instance metadata"
    }

    private let context: AWSContext
    private var surroundings: AWSSurroundings { context.surroundings }

    package init(context: AWSContext) {
        self.context = context
    }

    /// The error says of each link that was tried why it gave nothing.
    package func find() async throws(AWSError) -> FoundCredentials {
        var tried: [String] = []
        for link in Link.allCases {
            do throws(AWSError) {
                switch try await look(link) {
                case .found(let found): return found
                case .nothing(let reason): tried.append("\(link.rawValue): \(reason)")
                }
            } catch {
                throw failure(of: link, error, tried: tried)
            }
        }
        throw AWSError(.credentials, "no AWS credentials; tried " + tried.joined(separator: "; "))
    }

    private func look(_ link: Link) async throws(AWSError) -> LinkResult {
        let profiles = ProfileCredentials(context: context)
        switch link {
        case .environment: return try environment()
        case .role: return try await profiles.role()
        case .webIdentity: return try await webIdentity()
        case .credentialsFile: return try profiles.staticKey(.credentials)
        case .otherPrograms: return try profiles.otherPrograms()
        case .configFile: return try profiles.staticKey(.config)
        case .container: return try await ContainerCredentials(context: context).look()
        case .instance: return try await InstanceCredentials(context: context).look()
        }
    }

    private func environment() throws(AWSError) -> LinkResult {
        // A profile that was named on purpose goes before the environment, as in botocore.
        if let profile = surroundings.explicitProfile {
            return .nothing("not asked, because profile \(profile) was named on purpose")
        }
        guard let credentials = try surroundings.credentialsInVariables() else {
            return .nothing("AWS_ACCESS_KEY_ID is not set")
        }
        return .found(FoundCredentials(credentials))
    }

    private func webIdentity() async throws(AWSError) -> LinkResult {
        let profile = try surroundings.settings(of: surroundings.profile) ?? [:]
        // As in botocore: a profile that was named on purpose goes before the variables.
        let mayUseVariables = surroundings.explicitProfile == nil
        func setting(_ variable: String, _ name: String) -> String? {
            (mayUseVariables ? surroundings.variable(variable) : nil) ?? profile[name]
        }
        guard let file = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else {
            return .nothing("AWS_WEB_IDENTITY_TOKEN_FILE is not set")
        }
        guard let arn = setting("AWS_ROLE_ARN", "role_arn") else {
            throw AWSError(.credentials, "a token file is set, and the role is not: set AWS_ROLE_ARN or role_arn")
        }
        let role = AssumedRole(arn: arn, sessionName: setting("AWS_ROLE_SESSION_NAME", "role_session_name"))
        return .found(try await STSCredentials(context: context).assume(role, tokenFile: file))
    }

    /// Whatever went wrong here, the caller's own request was not sent: no other code may come out of this, or an email
    /// would count as perhaps sent.
    private func failure(of link: Link, _ error: AWSError, tried: [String]) -> AWSError {
        guard error.code != .cancelled else {
            return AWSError(.cancelled, "cancelled while looking for AWS credentials")
        }
        let text = error.code == .credentials ? error.message : error.description
        let before = tried.isEmpty ? "" : "; tried before: " + tried.joined(separator: "; ")
        return AWSError(.credentials, "\(link.rawValue): \(text)\(before)")
    }
}
