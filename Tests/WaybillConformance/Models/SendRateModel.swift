package import WaybillCore
import WaybillPorts

/// The cluster's send rate under random operations, compared to the microsecond.
package struct SendRateModel: ModelSubject {
    package enum Operation: Sendable {
        case pass(Duration)
        case begin(SendLimits)
        case update(SendLimits)
        case slots(Int, Int)
        case hear(SendNews, Int)
        case pause(reason: String)
        case resume
        case ceiling(Int64?)
        case state
    }

    private let subject: SendRateSubject

    package init(_ subject: SendRateSubject) {
        self.subject = subject
    }

    package static func draw(_ chance: inout ModelChance) -> Operation {
        switch chance.number(1...40) {
        case 1...9:
            .pass(
                .microseconds(
                    chance.one(of: [1, 99_999, 200_000, 1_000_000, 10_000_000, 30_000_000, 60_000_000, 60_000_000])
                )
            )
        case 10: .begin(limits(&chance))
        case 11...13: .update(limits(&chance))
        case 14...25: .slots(chance.one(of: [1, 1, 3, 50]), chance.worker())
        case 26...35: .hear(news(&chance), chance.worker())
        case 36: chance.happens(oneIn: 3) ? .pause(reason: chance.reason()) : .resume
        case 37: .resume
        case 38: .ceiling(chance.happens(oneIn: 2) ? nil : chance.one(of: [1, 500, 7_000, 1_000_000]))
        default: .state
        }
    }

    package static var look: [Operation] { [.state, .resume, .pass(.seconds(600)), .slots(50, 1), .state] }

    package mutating func perform(_ operation: Operation) async throws -> ModelAnswer {
        let rate = subject.rate
        switch operation {
        case .pass(let duration): try await subject.pass(duration)
        case .begin(let limits): try await rate.begin(limits)
        case .update(let limits): try await rate.update(limits)
        case .slots(let count, let worker): return ModelAnswer(try await rate.slots(count, for: .model(worker)))
        case .hear(let news, let worker): try await rate.hear(news, from: .model(worker))
        case .pause(let reason): try await rate.pause(by: "ann", reason: reason)
        case .resume: try await rate.resume()
        case .ceiling(let ceiling): try await subject.setCeiling(ceiling)
        case .state: return ModelAnswer(try await rate.state())
        }
        return .done
    }

    private static func limits(_ chance: inout ModelChance) -> SendLimits {
        SendLimits(
            milliRate: chance.one(of: [1, 999, 10_000, 14_000, 14_000, 333_333, 333_333, 5_000_000]),
            burst: chance.one(of: [1, 1, 10, 1000]),
            hold: chance.happens(oneIn: 5) ? SendHold(cause(&chance), detail: chance.reason()) : nil
        )
    }

    private static func news(_ chance: inout ModelChance) -> SendNews {
        switch chance.number(1...8) {
        case 1: .accepted
        case 2: .throttled
        case 3...6: .unknown
        case 7: .unused
        default: .blocked(cause(&chance), detail: chance.reason())
        }
    }

    private static func cause(_ chance: inout ModelChance) -> SendHold.Cause {
        chance.one(of: SendHold.Cause.allCases.filter { $0 != .paused })
    }
}
