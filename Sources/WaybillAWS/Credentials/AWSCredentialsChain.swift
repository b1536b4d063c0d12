import Synchronization
package import WaybillCore

/// Finds credentials where AWS's own tools look first: the environment, then the shared files. What is found in a file
/// is looked up again after two minutes, or when the service said that it expired, so a rotated key needs no restart.
package final class AWSCredentialsChain: Sendable {
    package static let fileRefresh = Duration.seconds(120)

    private struct Cached {
        let credentials: AWSCredentials
        let readAt: Timestamp
    }

    private let surroundings: AWSSurroundings
    private let cache = Mutex<Cached?>(nil)

    package init(_ surroundings: AWSSurroundings) {
        self.surroundings = surroundings
    }

    package func credentials(now: Timestamp) throws(AWSError) -> AWSCredentials {
        if let cached = cache.withLock({ $0 }), now >= cached.readAt, now < cached.readAt + Self.fileRefresh {
            return cached.credentials
        }
        let credentials = try find()
        cache.withLock { $0 = Cached(credentials: credentials, readAt: now) }
        return credentials
    }

    /// Looks the credentials up again at the next call.
    package func invalidate() {
        cache.withLock { $0 = nil }
    }

    private func find() throws(AWSError) -> AWSCredentials {
        // A profile that was named on purpose goes before the environment, as in botocore.
        if surroundings.explicitProfile == nil, let found = try inEnvironment() { return found }
        let fromFile = try read(surroundings.credentialsProfile(), in: surroundings.credentialsPath)
        if let fromFile { return fromFile }
        let config = try surroundings.configProfile()
        if let found = try read(config, in: surroundings.configPath) { return found }
        throw AWSError(.credentials, lookedFor(config: config))
    }

    private func inEnvironment() throws(AWSError) -> AWSCredentials? {
        guard let key = surroundings.variable("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secret = surroundings.variable("AWS_SECRET_ACCESS_KEY") else {
            throw AWSError(.credentials, "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
        }
        return AWSCredentials(
            accessKeyID: key,
            secretAccessKey: secret,
            sessionToken: surroundings.variable("AWS_SESSION_TOKEN")
        )
    }

    private func read(_ profile: [String: String]?, in path: String) throws(AWSError) -> AWSCredentials? {
        guard let profile, let key = profile["aws_access_key_id"] else { return nil }
        guard let secret = profile["aws_secret_access_key"] else {
            throw AWSError(
                .credentials,
                "profile \(surroundings.profile) of \(path) has aws_access_key_id and no aws_secret_access_key"
            )
        }
        return AWSCredentials(accessKeyID: key, secretAccessKey: secret, sessionToken: profile["aws_session_token"])
    }

    private func lookedFor(config: [String: String]?) -> String {
        var places = [
            "profile \(surroundings.profile) of \(surroundings.credentialsPath)",
            "profile \(surroundings.profile) of \(surroundings.configPath)",
        ]
        if surroundings.explicitProfile == nil { places.insert("AWS_ACCESS_KEY_ID in the environment", at: 0) }
        var text = "no AWS credentials; looked for " + places.joined(separator: ", ")
        let unread = unsupported(config: config)
        if !unread.isEmpty { text += "; not supported: " + unread.joined(separator: ", ") }
        return text
    }

    /// Sources that are configured and that this version does not read: named, so that nobody searches in vain.
    private func unsupported(config: [String: String]?) -> [String] {
        let variables = [
            "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ]
        let settings = ["role_arn", "credential_process", "sso_session", "sso_start_url", "web_identity_token_file"]
        return variables.filter { surroundings.variable($0) != nil } + settings.filter { config?[$0] != nil }
    }
}
