/// The limits of an ``HTTPEngine``.
package struct HTTPEngineSettings: Hashable, Sendable {
    /// Calls on the wire at once, and so connections at once, whatever their hosts. More than 128 to one host make
    /// libcurl slow, which walks a host's connections one by one.
    package var maxInFlight: Int
    /// Calls that wait for their turn; one more is refused with `.overloaded`.
    package var maxQueued: Int
    /// A connection that was idle for longer is not used again. Below the servers' own limits, so that a request seldom
    /// meets a connection that is being closed.
    package var idleConnectionLifetime: Duration
    /// The PEM file of the authorities to trust, instead of the system's.
    package var certificateAuthorityFile: String?

    package init(
        maxInFlight: Int = 64,
        maxQueued: Int = 1024,
        idleConnectionLifetime: Duration = .seconds(15),
        certificateAuthorityFile: String? = nil
    ) {
        precondition(maxInFlight > 0 && maxQueued >= 0, "an HTTP engine needs room for a call")
        self.maxInFlight = maxInFlight
        self.maxQueued = maxQueued
        self.idleConnectionLifetime = idleConnectionLifetime
        self.certificateAuthorityFile = certificateAuthorityFile
    }
}
