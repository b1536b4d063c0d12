package import WaybillCore

/// Time and chance. Nothing below the executable asks the system for either.
package protocol Environment: Sendable {
    /// Time since some fixed moment of this process; never goes back, stands still for nobody.
    func monotonicNow() -> Duration
    /// This machine's wall clock, uncorrected.
    func wallNow() -> Timestamp
    /// Returns after the duration, or at once, with the error, when the task is cancelled.
    func sleep(for duration: Duration) async throws(CancellationError)
    /// Returns after the duration, or early: when the interruption comes, or when the task is cancelled.
    func sleep(for duration: Duration, orUntil interruption: some Interruption) async
    /// 64 random bits.
    func randomBits() -> UInt64
    /// A deliberate mistake that the simulation has to catch; nil everywhere else.
    var mutation: Mutation? { get }
}

extension Environment {
    package var mutation: Mutation? { nil }

    package func sleep(for duration: Duration, orUntil interruption: some Interruption) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await sleep(for: duration)
                } catch {
                    // The wait ended first: that is what cancelled this sleep.
                }
            }
            group.addTask { await interruption.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}

/// What ends a sleep early.
package protocol Interruption: Sendable {
    /// Returns when it comes, at once if it has come, or when the task is cancelled.
    func wait() async
    /// Calls `action` once when it comes, or now if it has come. The number is for ``forget(_:)``.
    func notify(_ action: @escaping @Sendable () -> Void) -> Int
    /// The action of this number is not called any more.
    func forget(_ number: Int)
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
