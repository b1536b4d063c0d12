/// The links of the chain that stand in profiles of the shared files.
struct ProfileCredentials {
    private let context: AWSContext
    private var surroundings: AWSSurroundings { context.surroundings }

    /// A chain of roles that is longer is a mistake.
    static let mostRoles = 5

    init(context: AWSContext) {
        self.context = context
    }

    /// A key that stands in the profile of one file.
    func staticKey(_ file: AWSSurroundings.SharedFile) throws(AWSError) -> AWSCredentialsChain.LinkResult {
        let (path, name) = (surroundings.path(of: file), surroundings.profile)
        guard let profile = try surroundings.settings(of: name, in: file) else {
            return .nothing("no profile \(name) of \(path)")
        }
        guard let credentials = try Self.key(in: profile, name: name, place: path) else {
            return .nothing("profile \(name) of \(path) has no aws_access_key_id")
        }
        return .found(FoundCredentials(credentials))
    }

    /// What a profile may ask for and Waybill does not do: named, so that nobody searches in vain, and an end of the
    /// search, so that no other identity is taken for the one that was meant.
    func otherPrograms() throws(AWSError) -> AWSCredentialsChain.LinkResult {
        let profile = try surroundings.settings(of: surroundings.profile) ?? [:]
        let found = ["credential_process", "sso_session", "sso_start_url"].first { profile[$0] != nil }
        if let found {
            throw AWSError(.credentials, "profile \(surroundings.profile) has \(found), which Waybill does not support")
        }
        return .nothing("none in profile \(surroundings.profile)")
    }

    /// The role that the profile names, taken with the credentials of another profile or of the machine.
    func role() async throws(AWSError) -> AWSCredentialsChain.LinkResult {
        let name = surroundings.profile
        guard let profile = try surroundings.settings(of: name) else {
            if surroundings.isProfileNamed { throw noProfile(name) }
            return .nothing("no profile \(name)")
        }
        guard Self.takesRole(profile) else { return .nothing("profile \(name) has none with a source") }
        return .found(try await assume(profile, name: name, through: []))
    }

    /// A role with a token file is the web identity's.
    private static func takesRole(_ profile: [String: String]) -> Bool {
        profile["role_arn"] != nil && profile["web_identity_token_file"] == nil
    }

    private func assume(
        _ profile: [String: String],
        name: String,
        through visited: [String]
    ) async throws(AWSError) -> FoundCredentials {
        let way = visited + [name]
        guard way.count <= Self.mostRoles else {
            throw AWSError(.credentials, "more than \(Self.mostRoles) roles: \(way.joined(separator: " -> "))")
        }
        if profile["mfa_serial"] != nil {
            throw AWSError(.credentials, "profile \(name) has mfa_serial, and nobody here can enter a code")
        }
        let role = try AssumedRole(profile: profile, name: name)
        let source = try await source(of: profile, name: name, way: way)
        return try await STSCredentials(context: context).assume(role, with: source)
    }

    private func source(
        of profile: [String: String],
        name: String,
        way: [String]
    ) async throws(AWSError) -> AWSCredentials {
        switch (profile["source_profile"], profile["credential_source"]) {
        case (let other?, nil): return try await key(ofProfile: other, way: way)
        case (nil, let place?): return try await key(of: place, profile: name)
        case (nil, nil):
            throw AWSError(.credentials, "profile \(name) has role_arn: set source_profile or credential_source too")
        case (_?, _?):
            throw AWSError(
                .credentials,
                "profile \(name) has source_profile and credential_source: only one may be set"
            )
        }
    }

    private func key(ofProfile name: String, way: [String]) async throws(AWSError) -> AWSCredentials {
        guard let profile = try surroundings.settings(of: name) else { throw noProfile(name) }
        let place = surroundings.path(of: .credentials) + " or " + surroundings.path(of: .config)
        if let credentials = try Self.key(in: profile, name: name, place: place) { return credentials }
        if let file = profile["web_identity_token_file"] {
            let role = try AssumedRole(profile: profile, name: name)
            return try await STSCredentials(context: context).assume(role, tokenFile: file).credentials
        }
        guard Self.takesRole(profile) else {
            throw AWSError(.credentials, "source_profile \(name) has neither aws_access_key_id nor role_arn")
        }
        guard !way.contains(name) else {
            throw AWSError(.credentials, "source_profile goes in a circle: \((way + [name]).joined(separator: " -> "))")
        }
        return try await assume(profile, name: name, through: way).credentials
    }

    private func key(of place: String, profile name: String) async throws(AWSError) -> AWSCredentials {
        let result: AWSCredentialsChain.LinkResult
        switch place {
        case "Environment":
            guard let credentials = try surroundings.credentialsInVariables() else {
                throw AWSError(.credentials, "credential_source Environment: AWS_ACCESS_KEY_ID is not set")
            }
            return credentials
        case "EcsContainer": result = try await ContainerCredentials(context: context).look()
        case "Ec2InstanceMetadata": result = try await InstanceCredentials(context: context).look()
        default:
            throw AWSError(
                .credentials,
                "profile \(name): credential_source must be Environment, EcsContainer or Ec2InstanceMetadata, "
                    + "not \(place)"
            )
        }
        switch result {
        case .found(let found): return found.credentials
        case .nothing(let reason): throw AWSError(.credentials, "credential_source \(place): \(reason)")
        }
    }

    private static func key(
        in profile: [String: String],
        name: String,
        place: String
    ) throws(AWSError) -> AWSCredentials? {
        guard let key = profile["aws_access_key_id"], !key.isEmpty else { return nil }
        guard let secret = profile["aws_secret_access_key"], !secret.isEmpty else {
            throw AWSError(
                .credentials,
                "profile \(name) of \(place) has aws_access_key_id and no aws_secret_access_key"
            )
        }
        let token = profile["aws_session_token"].flatMap { $0.isEmpty ? nil : $0 }
        return AWSCredentials(accessKeyID: key, secretAccessKey: secret, sessionToken: token)
    }

    private func noProfile(_ name: String) -> AWSError {
        AWSError(
            .credentials,
            "no profile \(name) of \(surroundings.path(of: .credentials)) or \(surroundings.path(of: .config))"
        )
    }
}
