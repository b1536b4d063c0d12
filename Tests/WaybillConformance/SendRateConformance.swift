import Testing
import WaybillCore
package import WaybillPorts

/// A send rate of its own for one case, without limits.
package struct SendRateSubject: Sendable {
    package let rate: any SendRateSource
    /// Lets so much time pass on the store's clock, which else stands still.
    package let pass: @Sendable (Duration) async throws -> Void
    /// An operator's upper bound in thousandths.
    package let setCeiling: @Sendable (Int64?) async throws -> Void

    package init(
        rate: any SendRateSource,
        pass: @escaping @Sendable (Duration) async throws -> Void,
        setCeiling: @escaping @Sendable (Int64?) async throws -> Void
    ) {
        self.rate = rate
        self.pass = pass
        self.setCeiling = setCeiling
    }
}

/// What every cluster-wide send rate must do.
package enum SendRateConformance {
    package typealias Case = ConformanceCase<SendRateSubject>

    private static let one = WorkerID(high: 1, low: 1)
    private static let two = WorkerID(high: 2, low: 2)

    package static let cases: [Case] = rate + breaker

    private static let rate: [Case] = [
        Case("Without limits nobody sends") { subject async throws in
            #expect(try await subject.rate.state() == nil)
            await #expect(throws: StoreError.self) { _ = try await subject.rate.slots(1, for: one) }
            try await subject.rate.begin(SendLimits(milliRate: 2000, burst: 1))
            try await subject.rate.begin(SendLimits(milliRate: 9000, burst: 1))
            #expect(try await subject.rate.state()?.limit == 2000)
        },
        Case("Slots come at the rate's distance, for whoever asks") { subject async throws in
            try await subject.rate.update(SendLimits(milliRate: 20_000, burst: 1))
            let first = try await subject.granted(9, one)
            #expect(first.count == 2)
            #expect(first.first == .zero)
            #expect(first.last.map { $0 > .milliseconds(51) && $0 <= .milliseconds(52) } == true)
            let second = try await subject.granted(9, two)
            #expect(second.first.map { $0 > .milliseconds(103) && $0 <= .milliseconds(104) } == true)
        },
        Case("A minute of asking uses the rate and not more") { subject async throws in
            try await subject.rate.update(SendLimits(milliRate: 20_000, burst: 1))
            var slots = 0
            for tick in 0..<600 {
                slots += try await subject.granted(50, tick.isMultiple(of: 2) ? one : two).count
                try await subject.pass(.milliseconds(100))
            }
            #expect(slots >= 60 * 20 * 95 / 100)
            #expect(slots <= 60 * 20 + 1)
        },
        Case("A 429 slows all down once a second, quiet speeds up, a ceiling wins") { subject async throws in
            try await subject.rate.update(SendLimits(milliRate: 10_000, burst: 1))
            for worker in [one, two, one] { try await subject.rate.hear(.throttled, from: worker) }
            #expect(try await subject.rate.state()?.milliRate == 8_000)
            try await subject.rate.update(SendLimits(milliRate: 20_000, burst: 1))
            #expect(try await subject.rate.state()?.milliRate == 8_000)
            try await subject.pass(.milliseconds(2100))
            _ = try await subject.rate.slots(1, for: one)
            #expect(try await subject.rate.state()?.milliRate == 8_800)
            try await subject.pass(.seconds(500))
            _ = try await subject.rate.slots(1, for: one)
            #expect(try await subject.rate.state()?.milliRate == 20_000)
            try await subject.setCeiling(3_000)
            #expect(try await subject.rate.state()?.milliRate == 3_000)
            #expect(try await subject.rate.state()?.ceiling == 3_000)
            #expect(try await subject.rate.state()?.limit == 20_000)
            try await subject.setCeiling(nil)
            #expect(try await subject.rate.state()?.milliRate == 20_000)
        },
        Case("A 429 under a low ceiling never raises the rate") { subject async throws in
            try await subject.rate.update(SendLimits(milliRate: 300_000, burst: 1))
            try await subject.setCeiling(500)
            try await subject.rate.hear(.throttled, from: one)
            #expect(try await subject.rate.state()?.milliRate == 400)
        },
        Case("A pause holds everybody until it is ended") { subject async throws in
            try await subject.rate.update(SendLimits(milliRate: 10_000, burst: 1))
            try await subject.rate.pause(by: "ann", reason: "fire drill")
            guard case .held(let hold, _) = try await subject.rate.slots(1, for: one) else {
                Issue.record("paused")
                return
            }
            #expect(hold == SendHold(.paused, detail: "ann: fire drill"))
            #expect(try await subject.rate.state()?.hold == hold)
            #expect(try await subject.rate.state()?.heldSince != nil)
            try await subject.rate.hear(.accepted, from: one)
            #expect(try await subject.rate.state()?.hold == hold)
            try await subject.rate.resume()
            #expect(try await subject.rate.state()?.hold == nil)
            #expect(try await subject.granted(1, one).count == 1)
        },
        Case("A pause that comes late does not pause again what was resumed") { subject async throws in
            try await subject.rate.update(SendLimits(milliRate: 10_000, burst: 1))
            try await subject.rate.pause(by: "ann", reason: "fire drill")
            let since = try #require(try await subject.rate.state()?.heldSince)
            #expect(try await subject.rate.pause(by: "ann", reason: "in time", askedAt: since))
            try await subject.rate.resume()
            let tooEarly = since + (.zero - SendControlMachine.latestPause - .seconds(1))
            #expect(try await !subject.rate.pause(by: "ann", reason: "late", askedAt: tooEarly))
            #expect(try await subject.rate.state()?.hold == nil)
        },
    ]

    private static let breaker: [Case] = [
        Case("Three unknown outcomes within ten seconds let one probe at a time through") { subject async throws in
            try await subject.rate.update(SendLimits(milliRate: 1_000_000, burst: 10))
            for worker in [one, two] { try await subject.rate.hear(.unknown, from: worker) }
            try await subject.pass(.seconds(11))
            for worker in [one, two] { try await subject.rate.hear(.unknown, from: worker) }
            #expect(try await subject.rate.state()?.hold == nil)
            try await subject.rate.hear(.unknown, from: two)
            #expect(try await subject.rate.state()?.hold?.cause == .unknownOutcomes)
            #expect(try await subject.cause(of: one) == .unknownOutcomes)
            try await subject.pass(.seconds(1))
            #expect(try await subject.isProbe(one))
            #expect(try await subject.cause(of: two) == .unknownOutcomes)
            #expect(try await subject.cause(of: one) == .unknownOutcomes)
            try await subject.rate.hear(.unknown, from: one)
            #expect(try await subject.cause(of: two) == .unknownOutcomes)
            try await subject.pass(.seconds(1))
            #expect(try await subject.isProbe(two))
            try await subject.rate.hear(.unknown, from: two)
            try await subject.pass(.seconds(1))
            #expect(try await subject.cause(of: two) == .unknownOutcomes)
            try await subject.pass(.seconds(1))
            #expect(try await subject.isProbe(one))
            try await subject.rate.hear(.accepted, from: one)
            #expect(try await subject.rate.state()?.hold == nil)
            #expect(try await subject.granted(1, two).count == 1)
        },
        Case("A probe that was not used is another's at once, one that died after a minute") { subject async throws in
            try await subject.rate.update(SendLimits(milliRate: 1_000_000, burst: 10))
            try await subject.rate.hear(.blocked(.accessDenied, detail: "not allowed"), from: one)
            #expect(try await subject.rate.state()?.hold == SendHold(.accessDenied, detail: "not allowed"))
            try await subject.pass(.seconds(20))
            #expect(try await subject.cause(of: one) == .accessDenied)
            try await subject.pass(.seconds(10))
            #expect(try await subject.isProbe(one))
            try await subject.rate.hear(.unused, from: two)
            #expect(try await subject.cause(of: two) == .accessDenied)
            try await subject.rate.hear(.unused, from: one)
            #expect(try await subject.isProbe(two))
            try await subject.pass(.seconds(61))
            #expect(try await subject.isProbe(one))
        },
        Case("Who is granted no slot did not become the probe") { subject async throws in
            let hold = SendHold(.quotaExceeded, detail: "200 of 200")
            try await subject.rate.update(SendLimits(milliRate: 1, burst: 1, hold: hold))
            try await subject.rate.update(SendLimits(milliRate: 1, burst: 1))
            #expect(try await subject.isProbe(one))
            try await subject.pass(.seconds(61))
            guard case .wait = try await subject.rate.slots(1, for: two) else {
                Issue.record("a thousand seconds lie between two emails")
                return
            }
            // What is heard late of the probe that was, counts.
            try await subject.rate.hear(.unknown, from: one)
            #expect(try await subject.cause(of: two) == .quotaExceeded)
        },
        Case("A NUL character never keeps anything from being kept") { subject async throws in
            try await subject.rate.update(SendLimits(milliRate: 1000, burst: 1))
            try await subject.rate.hear(.blocked(.accessDenied, detail: "n\0l"), from: one)
            #expect(try await subject.rate.state()?.hold?.detail == "n\u{FFFD}l")
            try await subject.rate.pause(by: "a\0n", reason: "n\0l")
            #expect(try await subject.rate.state()?.hold?.detail == "a\u{FFFD}n: n\u{FFFD}l")
        },
        Case("What the account says begins and ends a hold of the account") { subject async throws in
            let hold = SendHold(.quotaExceeded, detail: "200 of 200")
            try await subject.rate.update(SendLimits(milliRate: 1_000_000, burst: 10, hold: hold))
            #expect(try await subject.rate.state()?.hold == hold)
            let since = try await subject.rate.state()?.heldSince
            #expect(try await subject.cause(of: one) == .quotaExceeded)
            try await subject.rate.update(SendLimits(milliRate: 1_000_000, burst: 10, hold: hold))
            #expect(try await subject.rate.state()?.heldSince == since)
            try await subject.rate.update(SendLimits(milliRate: 1_000_000, burst: 10))
            #expect(try await subject.isProbe(one))
            try await subject.rate.hear(.blocked(.accessDenied, detail: ""), from: one)
            try await subject.rate.update(SendLimits(milliRate: 1_000_000, burst: 10))
            #expect(try await subject.cause(of: one) == .accessDenied)
        },
    ]
}

extension SendRateSubject {
    fileprivate func granted(_ count: Int, _ worker: WorkerID) async throws -> [Duration] {
        switch try await rate.slots(count, for: worker) {
        case .granted(let offsets, _): offsets
        case .wait, .held: []
        }
    }

    fileprivate func isProbe(_ worker: WorkerID) async throws -> Bool {
        guard case .granted(let offsets, let isProbe) = try await rate.slots(5, for: worker) else { return false }
        return isProbe && offsets.count == 1
    }

    fileprivate func cause(of worker: WorkerID) async throws -> SendHold.Cause? {
        guard case .held(let hold, let wait) = try await rate.slots(5, for: worker) else { return nil }
        return wait > .zero ? hold.cause : nil
    }
}
