import Foundation
import Synchronization
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// Costs of a test's world: the shipped prices of us-east-1 unless another region is asked for, and nothing free.
struct TestCosts: Sendable {
    let store: InMemoryCostStore
    let topic: NotedTopic
    let ports: CostPorts
    private let world: TestWorld

    init(
        _ world: TestWorld,
        region: String = "us-east-1",
        budget: Money? = nil,
        schedule: [Meter: Int64] = [:],
        books: [PriceBook] = Self.books
    ) {
        self.world = world
        topic = NotedTopic(world)
        store = InMemoryCostStore(
            leads: { $0 == Self.past || world.store.isInForce($0) },
            clock: { world.loop.wallNow() }
        )
        var settings = CostSettings(books: PriceBooks(books), region: region)
        settings.plan = .essentials
        settings.freeTier = .usedElsewhere
        settings.budget = budget
        settings.schedule = schedule
        ports = CostPorts(store: store, topic: topic, settings: settings)
    }

    var status: CostStatus? { noted { try store.status() } ?? nil }
    var trouble: String? { noted { try store.trouble() } ?? nil }

    /// So many emails, in the hour that it is.
    func use(_ emails: Int64, flush: Int64) {
        let row = UsageRow(hour: BillingHour(world.loop.wallNow()), meter: .sesRecipients, thousandths: emails * 1000)
        noted { _ = try store.add([row], facts: [], source: "worker", flush: flush) }
    }

    /// Of whoever led before the test.
    private static let past = LeaderFence(role: "past", holder: WorkerID(high: 9, low: 9), term: Term(0))

    /// An hour that was reckoned long ago.
    func wrote(_ cost: Money, at hour: BillingHour) {
        let row = HourCost(hour: hour, meter: .sesRecipients, thousandths: 1000, cost: cost)
        noted { try store.write([row], pricesAsOf: hour.day, fence: Self.past) }
    }

    @discardableResult
    private func noted<Value>(_ body: () throws -> Value) -> Value? {
        do {
            return try body()
        } catch {
            Issue.record(error)
            return nil
        }
    }

    static let books: [PriceBook] = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "ops/prices/us-east-1.2026-11-27.json")
        do {
            // As of the day before the tests' year, so that it is the newest on every day of theirs.
            let book = try PriceBook(json: try JSON.parse(Data(contentsOf: file)))
            return [PriceBook(region: book.region, asOf: BillingDay(number: 20_000), rates: book.rates)]
        } catch {
            Issue.record(error)
            return []
        }
    }()
}

/// Where alerts are told.
final class NotedTopic: AlertTopic {
    private struct State {
        var told: [String] = []
        var tries = 0
    }

    let refuses = Switch(false)
    /// Alerts are taken, and whoever told them never hears of it.
    let losesAnswers = Switch(false)
    private let world: TestWorld
    private let state = Mutex(State())

    init(_ world: TestWorld) { self.world = world }

    var tries: Int { state.withLock { $0.tries } }

    /// In the order in which they were told.
    var thresholds: [String] { told("threshold") }

    /// By which whoever reads alerts knows one that comes again.
    var ids: [String] { told("id") }

    private func told(_ member: String) -> [String] {
        state.withLock { $0.told }.map { text in
            do {
                return try JSON.parse(Array(text.utf8))[member]?.text ?? text
            } catch {
                return text
            }
        }
    }

    func tell(_ text: String) async -> String? {
        let isRefused = refuses.isOn
        state.withLock { state in
            state.tries += 1
            if !isRefused { state.told.append(text) }
        }
        guard losesAnswers.isOn else { return isRefused ? "SNS is away" : nil }
        _ = await world.eventually(within: .seconds(100_000)) { false }
        return "the process has ended"
    }
}
