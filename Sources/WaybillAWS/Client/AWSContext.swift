package import WaybillPorts

/// What all clients of a process share.
package struct AWSContext: Sendable {
    package let configuration: AWSConfiguration
    package let credentials: AWSCredentialsChain
    package let transport: any HTTPTransport
    package let environment: any Environment
    package let clock: ServiceClock
    package let usage: any UsageSink

    package init(
        configuration: AWSConfiguration,
        credentials: AWSCredentialsChain,
        transport: any HTTPTransport,
        environment: any Environment,
        usage: any UsageSink
    ) {
        self.configuration = configuration
        self.credentials = credentials
        self.transport = transport
        self.environment = environment
        clock = ServiceClock(environment: environment)
        self.usage = usage
    }
}
