import WaybillCore

/// A role to be taken.
struct AssumedRole {
    /// The name under which the role's calls stand in CloudTrail, when no other is set.
    static let sessionName = "waybill"
    /// STS's own limits (API reference, `AssumeRole`): fifteen minutes to twelve hours.
    static let durationSeconds: ClosedRange<Int64> = 900...43_200

    let arn: String
    let sessionName: String
    let externalID: String?
    let durationSeconds: Int64?

    init(arn: String, sessionName: String?) {
        self.arn = arn
        self.sessionName = sessionName ?? Self.sessionName
        externalID = nil
        durationSeconds = nil
    }

    init(profile: [String: String], name: String) throws(AWSError) {
        guard let arn = profile["role_arn"] else {
            throw AWSError(.credentials, "profile \(name) has no role_arn")
        }
        self.arn = arn
        sessionName = profile["role_session_name"] ?? Self.sessionName
        externalID = profile["external_id"]
        durationSeconds = try Self.duration(profile["duration_seconds"], name: name)
    }

    private static func duration(_ text: String?, name: String) throws(AWSError) -> Int64? {
        guard let text else { return nil }
        guard let seconds = Int64(text), Self.durationSeconds.contains(seconds) else {
            let range = "\(Self.durationSeconds.lowerBound) to \(Self.durationSeconds.upperBound)"
            throw AWSError(.credentials, "profile \(name): duration_seconds must be \(range), not \(text)")
        }
        return seconds
    }

    fileprivate var parameters: [(name: String, value: String)] {
        var parameters = [(name: "RoleArn", value: arn), (name: "RoleSessionName", value: sessionName)]
        if let externalID { parameters.append(("ExternalId", externalID)) }
        if let durationSeconds { parameters.append(("DurationSeconds", String(durationSeconds))) }
        return parameters
    }
}

/// Temporary credentials from STS. Its answers teach the clock like those of every service.
struct STSCredentials {
    /// Callers wait for this: three attempts of it are shorter than the wait for one email.
    static let timeout = Duration.seconds(5)
    private static let version = "2011-06-15"

    private let context: AWSContext

    init(context: AWSContext) {
        self.context = context
    }

    func assume(_ role: AssumedRole, with source: AWSCredentials) async throws(AWSError) -> FoundCredentials {
        try await call("AssumeRole", role.parameters, signer: .credentials(source))
    }

    /// The token file is read anew at each refresh: whoever issues the tokens replaces it.
    func assume(_ role: AssumedRole, tokenFile path: String) async throws(AWSError) -> FoundCredentials {
        let text = try context.surroundings.requiredFile(path, namedBy: "the web identity's token file")
        let token = String(text[...].trimmingBlanks)
        guard !token.isEmpty else { throw AWSError(.credentials, "the web identity's token file \(path) is empty") }
        let parameters = role.parameters + [("WebIdentityToken", token)]
        return try await call("AssumeRoleWithWebIdentity", parameters, signer: .nobody)
    }

    private func call(
        _ operation: String,
        _ parameters: [(name: String, value: String)],
        signer: AWSRequest.Signer
    ) async throws(AWSError) -> FoundCredentials {
        var request = AWSRequest.query(operation, version: Self.version, parameters)
        request.signer = signer
        request.totalTimeout = Self.timeout
        let answer: AWSAnswer
        do throws(AWSError) {
            answer = try await AWSClient(.sts, context: context).call(request)
        } catch {
            guard error.code != .cancelled else { throw error }
            throw AWSError(.credentials, "\(operation) at \(context.configuration.endpoint(.sts)): \(error)")
        }
        return try Self.read(answer, operation)
    }

    private static func read(_ answer: AWSAnswer, _ operation: String) throws(AWSError) -> FoundCredentials {
        let credentials = try answer.xml()["\(operation)Result"]?["Credentials"]
        func field(_ name: String) throws(AWSError) -> String {
            guard let text = credentials?[name]?.text, !text.isEmpty else {
                throw AWSError(.credentials, "\(operation): the answer has no \(name)")
            }
            return text
        }
        guard let expiresAt = Timestamp(rfc3339: try field("Expiration")) else {
            throw AWSError(.credentials, "\(operation): Expiration must be a time as in RFC 3339")
        }
        let found = AWSCredentials(
            accessKeyID: try field("AccessKeyId"),
            secretAccessKey: try field("SecretAccessKey"),
            sessionToken: try field("SessionToken")
        )
        return FoundCredentials(found, expiresAt: expiresAt)
    }
}
