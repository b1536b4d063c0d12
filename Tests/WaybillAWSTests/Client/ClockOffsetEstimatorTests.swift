import Testing
import WaybillAWS
import WaybillCore

@Suite struct ClockOffsetEstimatorTests {
    /// A service whose clock is `offset` ahead of ours, asked at `at`: it stamps the answer in the middle of the round
    /// trip, in whole seconds.
    private func ask(
        _ estimator: inout ClockOffsetEstimator,
        at milliseconds: Int64,
        offset: Duration,
        roundTrip: Duration = .milliseconds(100)
    ) {
        let local = Timestamp(seconds: 1_700_000_000) + .milliseconds(milliseconds)
        let stamp = Timestamp(seconds: (local + offset).seconds)
        estimator.learn(date: stamp, receivedAt: local + roundTrip / 2, roundTrip: roundTrip)
    }

    @Test func aClockThatIsRightIsLeftAlone() {
        var estimator = ClockOffsetEstimator()
        for millisecond in stride(from: Int64(0), to: 5000, by: 37) {
            ask(&estimator, at: millisecond, offset: .zero)
            #expect(estimator.offset == .zero)
        }
    }

    @Test(arguments: [Duration.seconds(600), .seconds(-600), .milliseconds(2345), .milliseconds(-2345)])
    func theOffsetIsLearnedToWithinTheRoundTrip(_ offset: Duration) {
        var estimator = ClockOffsetEstimator()
        ask(&estimator, at: 0, offset: offset)
        #expect(abs((estimator.offset - offset).fractionalSeconds) <= 1.05)
        for millisecond in stride(from: Int64(0), to: 3000, by: 37) {
            ask(&estimator, at: millisecond, offset: offset)
        }
        #expect(abs((estimator.offset - offset).fractionalSeconds) <= 0.1)
    }

    @Test func theOffsetIsKeptUntilAnAnswerContradictsIt() {
        var estimator = ClockOffsetEstimator()
        ask(&estimator, at: 0, offset: .seconds(60))
        let learned = estimator.offset
        ask(&estimator, at: 1000, offset: .seconds(60))
        #expect(estimator.offset == learned)
        ask(&estimator, at: 2000, offset: .zero)
        #expect(abs(estimator.offset.fractionalSeconds) <= 1.05)
    }

    @Test func aSlowAnswerSaysNothing() {
        var estimator = ClockOffsetEstimator()
        ask(&estimator, at: 0, offset: .seconds(60), roundTrip: .seconds(2))
        #expect(estimator.offset == .zero)
        ask(&estimator, at: 0, offset: .seconds(60), roundTrip: .milliseconds(1999))
        #expect(estimator.offset != .zero)
    }
}
