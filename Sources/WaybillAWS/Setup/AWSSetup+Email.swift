import WaybillCore

extension AWSSetup {
    /// The events that Waybill reads: every outcome of an email. No opens and clicks: receipts are not tracked.
    package static let eventTypes = ["SEND", "DELIVERY", "DELIVERY_DELAY", "BOUNCE", "COMPLAINT", "REJECT"]

    private static let thereIs: Set<String> = ["AlreadyExistsException"]

    package func configurationSet(named name: String) async throws(AWSError) -> Outcome {
        let body: JSON = ["ConfigurationSetName": .string(name)]
        return try await create(
            ses,
            .rest("CreateConfigurationSet", "POST", "/v2/email/configuration-sets", body),
            thereIs: Self.thereIs
        )
    }

    /// Publishes the configuration set's events to a topic.
    package func eventDestination(
        named name: String,
        of configurationSet: String,
        topicARN: String
    ) async throws(AWSError) -> Outcome {
        let path =
            "/v2/email/configuration-sets/\(PercentEncoding.encode(configurationSet))/event-destinations"
        let destination: JSON = [
            "Enabled": .bool(true),
            "MatchingEventTypes": .array(Self.eventTypes.map { .string($0) }),
            "SnsDestination": ["TopicArn": .string(topicARN)],
        ]
        let body: JSON = ["EventDestinationName": .string(name), "EventDestination": destination]
        let outcome = try await create(
            ses,
            .rest("CreateConfigurationSetEventDestination", "POST", path, body),
            thereIs: Self.thereIs
        )
        guard outcome == .reused else { return outcome }
        _ = try await ses.call(
            .rest(
                "UpdateConfigurationSetEventDestination",
                "PUT",
                "\(path)/\(PercentEncoding.encode(name))",
                ["EventDestination": destination]
            )
        )
        return outcome
    }

    /// An address or a domain to send from. SES asks its owner for a proof before it sends.
    package func emailIdentity(_ identity: String) async throws(AWSError) -> Outcome {
        try await create(
            ses,
            .rest("CreateEmailIdentity", "POST", "/v2/email/identities", ["EmailIdentity": .string(identity)]),
            thereIs: Self.thereIs
        )
    }
}
