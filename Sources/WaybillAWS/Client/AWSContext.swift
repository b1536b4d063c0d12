package import WaybillPorts

/// What all clients of a process share.
package struct AWSContext: Sendable {
    package let configuration: AWSConfiguration
    /// Where credentials are looked for.
    package let surroundings: AWSSurroundings
    package let transport: any HTTPTransport
    package let environment: any Environment
    package let clock: ServiceClock
    package let usage: any UsageSink
    let credentialsCache: AWSCredentialsCache

    package init(
        configuration: AWSConfiguration,
        surroundings: AWSSurroundings,
        transport: any HTTPTransport,
        environment: any Environment,
        usage: any UsageSink
    ) {
        self.configuration = configuration
        self.surroundings = surroundings
        self.transport = transport
        self.environment = environment
        clock = ServiceClock(environment: environment)
        self.usage = usage
        credentialsCache = AWSCredentialsCache(environment: environment, clock: clock)
    }

    /// The credentials to sign with now, looked up again when it is time.
    package func credentials() async throws(AWSError) -> AWSCredentials {
        try await credentialsCache.credentials { () async throws(AWSError) in
            try await AWSCredentialsChain(context: self).find()
        }
    }
}
