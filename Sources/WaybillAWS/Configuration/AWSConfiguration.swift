/// The region and the endpoints, found where AWS's own tools look for them.
package struct AWSConfiguration: Hashable, Sendable {
    package let region: String
    private let endpoints: [AWSService: AWSEndpoint]

    package init(region: String, endpoints: [AWSService: AWSEndpoint] = [:]) {
        self.region = region
        self.endpoints = endpoints
    }

    /// `region` overrides every other source of it.
    package init(_ surroundings: AWSSurroundings, region: String? = nil) throws(AWSError) {
        for name in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] where surroundings.isTrue(name) {
            throw AWSError(.configuration, "\(name) is not supported: set AWS_ENDPOINT_URL_<SERVICE>")
        }
        let profile = try surroundings.settings(of: surroundings.profile, in: .config) ?? [:]
        self.region = try Self.region(surroundings, profile: profile, override: region)
        endpoints = try Self.endpoints(surroundings, profile: profile)
    }

    package func endpoint(_ service: AWSService) -> AWSEndpoint {
        endpoints[service] ?? AWSEndpoint(service, region: region)
    }

    /// The service is on this machine: an emulator.
    package func isLoopback(_ services: [AWSService]) -> Bool {
        services.allSatisfy { endpoint($0).isLoopback }
    }

    private static func region(
        _ surroundings: AWSSurroundings,
        profile: [String: String],
        override: String?
    ) throws(AWSError) -> String {
        let found =
            override ?? surroundings.variable("AWS_REGION") ?? surroundings.variable("AWS_DEFAULT_REGION")
            ?? profile["region"]
        guard let found, !found.isEmpty else {
            throw AWSError(
                .configuration,
                "no AWS region: set AWS_REGION or AWS_DEFAULT_REGION, or region in profile \(surroundings.profile) of "
                    + surroundings.path(of: .config)
            )
        }
        // The region becomes part of a host name.
        guard found.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }) else {
            throw AWSError(.configuration, "\"\(found)\" is no AWS region")
        }
        return found
    }

    private static func endpoints(
        _ surroundings: AWSSurroundings,
        profile: [String: String]
    ) throws(AWSError) -> [AWSService: AWSEndpoint] {
        guard !surroundings.isTrue("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
            profile["ignore_configured_endpoint_urls"]?.lowercased() != "true"
        else { return [:] }
        var section: [String: String] = [:]
        if let name = profile["services"] { section = try surroundings.services(name) ?? [:] }
        var endpoints: [AWSService: AWSEndpoint] = [:]
        for service in AWSService.allCases {
            let variable = "AWS_ENDPOINT_URL_\(service.endpointID)"
            let sources = [
                (variable, surroundings.variable(variable)),
                ("AWS_ENDPOINT_URL", surroundings.variable("AWS_ENDPOINT_URL")),
                ("endpoint_url", section["\(service.endpointID.lowercased()).endpoint_url"]),
                ("endpoint_url", profile["endpoint_url"]),
            ]
            guard case (let source, let url?)? = sources.first(where: { $0.1 != nil }) else { continue }
            guard let endpoint = AWSEndpoint(url) else {
                throw AWSError(.configuration, "\(source): \"\(url)\" is no http or https URL of a host")
            }
            endpoints[service] = endpoint
        }
        return endpoints
    }
}
