import Foundation
import Synchronization
import Testing
import WaybillCore
import WaybillSimulation

@testable import waybill

/// Run by `ops/tripwire/run`: without the library these tests fail. Each runs in a process of its own, which may abort.
@Suite struct TripwireTests {
    /// The ways in which simulated code can leave the simulation.
    enum Leak: String, CaseIterable, Codable, Sendable {
        case monotonicClock, wallClock, generator, randomElement, uuid, device, thread, queue, task, detachedTask

        /// What the tripwire says was called.
        var function: String {
            switch self {
            case .monotonicClock, .wallClock: "clock_gettime"
            // Of swift_stdlib_random, getrandom and /dev/urandom the one that the runtime's version takes.
            case .generator, .randomElement, .uuid, .device: "random"
            case .thread: "pthread_create"
            case .queue, .task, .detachedTask: "dispatch_async"
            }
        }

        func happen() {
            switch self {
            case .monotonicClock: _ = ContinuousClock.now
            case .wallClock: _ = Date()
            case .generator: _ = TripwireTests.systemChance()
            case .randomElement: _ = [1, 2, 3].randomElement()
            case .uuid: _ = UUID()
            case .thread: Thread {}.start()
            case .queue: DispatchQueue.global().async {}
            case .task: Task {}
            case .detachedTask: Task.detached {}
            case .device: _ = FileManager.default.contents(atPath: "/dev/urandom")?.prefix(1)
            }
        }
    }

    private static func systemChance() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }

    /// An actor of a simulated process, as the cluster's are.
    private actor Leaky {
        func step(_ leak: Leak?) { leak?.happen() }
    }

    /// A world whose process does some of everything that simulated code may do, and then what it may not.
    static func run(_ leak: Leak?) -> Bool {
        guard let tripwire = Tripwire.loaded() else { return false }
        let simulator = Simulator(seed: 1)
        let isDone = Mutex(false)
        simulator.boot("a") { node in
            let leaky = Leaky()
            let (stream, input) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(10))
            await withDiscardingTaskGroup { group in
                group.addTask {
                    var counts: [String: Int] = [:]
                    for await key in stream { counts[key, default: 0] += 1 }
                }
                for number in 0..<5 {
                    do {
                        try await node.sleep(for: .seconds(number))
                        let json = JSON.object([JSON.Member("number", .number(number))])
                        input.yield("\(try JSON.parse(Array(json.description.utf8)))")
                    } catch {
                        Issue.record("\(error)")
                    }
                }
                input.finish()
            }
            await leaky.step(leak)
            isDone.withLock { $0 = true }
        }
        tripwire.arm()
        simulator.run(until: .seconds(60))
        let isReaped = simulator.reap()
        tripwire.disarm()
        return isReaped && isDone.withLock { $0 }
    }

    @Test func theLibraryIsLoaded() {
        #expect(Tripwire.loaded() != nil, "run these tests by ops/tripwire/run")
    }

    @Test(arguments: Leak.allCases)
    func simulatedCodeThatLeavesTheSimulationEndsTheProcess(leak: Leak) async throws {
        let result = try await #require(
            processExitsWith: .signal(SIGABRT),
            observing: [\.standardErrorContent]
        ) { [leak = leak as Leak] in
            _ = TripwireTests.run(leak)
        }
        let said = String(decoding: result.standardErrorContent, as: UTF8.self)
        let first = said.prefix { $0 != "\n" }
        #expect(first.hasPrefix("waybill tripwire: simulated code called "), "\(said)")
        #expect(first.contains(leak.function), "\(said)")
        #expect(said.contains("Leak.happen() -> ()"), "the backtrace names the caller: \(said)")
    }

    @Test func whatSimulatedCodeMayDoDoesNotTrip() async {
        await #expect(processExitsWith: .success) {
            guard TripwireTests.run(nil) else { exit(1) }
        }
    }

    @Test func timeAndChanceOutsideOfARunDoNotTrip() async {
        await #expect(processExitsWith: .success) {
            guard TripwireTests.run(nil) else { exit(1) }
            for leak in Leak.allCases where leak != .device { leak.happen() }
        }
    }
}
