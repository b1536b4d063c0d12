package import WaybillCore

/// Time and chance. Nothing below the executable asks the system for either.
package protocol Environment: Sendable {
    /// Time since some fixed moment of this process; never goes back, stands still for nobody.
    func monotonicNow() -> Duration
    /// This machine's wall clock, uncorrected.
    func wallNow() -> Timestamp
    /// Returns after the duration, or at once, with the error, when the task is cancelled.
    func sleep(for duration: Duration) async throws(CancellationError)
    /// 64 random bits.
    func randomBits() -> UInt64
    /// A deliberate mistake that the simulation has to catch; nil everywhere else.
    var mutation: Mutation? { get }
}

extension Environment {
    package var mutation: Mutation? { nil }
}

/// The environment's chance as a generator, for `AttemptID(using:)` and jitter.
package struct EnvironmentGenerator: RandomNumberGenerator {
    private let environment: any Environment

    package init(_ environment: any Environment) {
        self.environment = environment
    }

    package mutating func next() -> UInt64 { environment.randomBits() }
}

extension Environment {
    /// A random number from 0 to 1, for jitter.
    package func randomFraction() -> Double { Double(randomBits() >> 11) / Double(1 << 53) }
}

/// Wall time as AWS has it: this machine's clock plus the offset learned from the `Date` headers of AWS's answers.
package protocol WallClock: Sendable {
    func now() -> Timestamp
}
