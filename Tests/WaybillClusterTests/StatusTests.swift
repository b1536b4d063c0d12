import Synchronization
import Testing
import WaybillCluster
import WaybillCore
import WaybillPorts
import WaybillSimulation

/// A topic that can be down, and then has published or not.
final class InMemoryTopic: NoticeTopic {
    enum Mood: Sendable {
        case well, down, silent
    }

    private let state = Mutex((mood: Mood.well, texts: [String]()))

    func set(_ mood: Mood) { state.withLock { $0.mood = mood } }

    var texts: [String] { state.withLock { $0.texts } }

    func publish(_ texts: [String]) async -> [String?] {
        state.withLock { state in
            if state.mood != .down { state.texts += texts }
            return texts.map { _ in state.mood == .well ? nil : "no answer" }
        }
    }
}

/// What the shop is told, in virtual time.
@Suite(.serialized) struct StatusTests {
    private func ids(_ world: TestWorld) throws -> [String] {
        try (world.topic?.texts ?? []).compactMap { try JSON.parse($0.utf8)["id"]?.text }
    }

    @Test(arguments: UInt64(1)...5)
    func whileTheTopicIsAwayEmailGoesOnAndAfterwardsAllIsTold(seed: UInt64) throws {
        let world = TestWorld(seed: seed, notesStatuses: true)
        let topic = try #require(world.topic)
        topic.set(.down)
        let orders = 250
        for number in 1...orders { world.orders.send(TestWorld.order("A-\(number)")) }
        try world.run {
            await withDiscardingTaskGroup { group in
                let workers = (0..<2).map { _ in TestWorker(world) }
                for worker in workers { group.addTask { await worker.run() } }
                #expect(await world.eventually { await world.counts().finished == orders })
                // Its answers get lost: what it took comes again.
                topic.set(.silent)
                _ = await world.eventually(within: .seconds(120)) { !topic.texts.isEmpty }
                topic.set(.well)
                // Send events, each of them twice: the same rank again, from the other writer.
                for acceptance in world.mailer.acceptances + world.mailer.acceptances {
                    world.publishSend(acceptance)
                }
                let areTold = await world.eventually(within: .seconds(900)) { Set(topic.texts).count == orders }
                #expect(areTold, "seed \(seed): \(Set(topic.texts).count)")
                _ = await world.eventually(within: .seconds(900)) { false }
                let told = topic.texts.count
                _ = await world.eventually(within: .seconds(900)) { false }
                #expect(topic.texts.count == told, "what is told is not told again")
                for worker in workers { worker.shutDown() }
            }
        }
        // A repeat is the same text, so that its reader knows it by its id.
        let ids = try ids(world)
        #expect(Set(ids).count == orders)
        #expect(Set(topic.texts).count == orders)
        #expect(ids.count > orders)
        #expect(!topic.texts.contains { $0.contains("@") })
    }

    @Test func whenTheSettingIsOffNothingIsKept() throws {
        let world = TestWorld(seed: 1)
        world.orders.send(TestWorld.order("A-1"))
        try world.run {
            await withDiscardingTaskGroup { group in
                let worker = TestWorker(world)
                group.addTask { await worker.run() }
                #expect(await world.eventually { await world.counts().finished == 1 })
                worker.shutDown()
            }
            do {
                #expect(try world.store.takeNotices(limit: 9).isEmpty)
            } catch {
                Issue.record(error)
            }
        }
    }
}
