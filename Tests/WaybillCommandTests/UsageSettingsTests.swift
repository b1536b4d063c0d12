import Configuration
import Logging
import Synchronization
import Testing
import WaybillCore
import WaybillPorts

@testable import waybill

@Suite struct UsageSettingsTests {
    private func size(_ values: [AbsoluteConfigKey: ConfigValue]) throws(SettingsError) -> ProcessHours.Size? {
        try SettingsReader(providers: [InMemoryProvider(values: values)]).workerSize()
    }

    @Test func theHoursOfAWorkerAreMeteredWhenBothOfItsSizesAreSet() throws {
        #expect(try size([:]) == nil)
        let expected = ProcessHours.Size(architecture: .own, milliCPU: 250, milliGigabytes: 2000)
        #expect(try size(["waybill.workerCpu": "0.25", "waybill.workerMemoryGb": "2"]) == expected)
    }

    @Test(
        arguments: [
            ("0.5", "", "WAYBILL_WORKER_MEMORY_GB: expected a number, because WAYBILL_WORKER_CPU is set"),
            ("", "1", "WAYBILL_WORKER_CPU: expected a number, because WAYBILL_WORKER_MEMORY_GB is set"),
            ("0", "1", "WAYBILL_WORKER_CPU: expected a number above 0 with up to three decimals, found '0'"),
            ("1", "a", "WAYBILL_WORKER_MEMORY_GB: expected a number above 0 with up to three decimals, found 'a'"),
            ("161", "1", "WAYBILL_WORKER_CPU: expected at most 160"),
            ("1", "1201", "WAYBILL_WORKER_MEMORY_GB: expected at most 1200"),
        ]
    )
    func aMistakeNamesTheSettingAndWhatWasExpected(cpu: String, memory: String, words: String) {
        let values: [AbsoluteConfigKey: ConfigValue] = [
            "waybill.workerCpu": .init(stringLiteral: cpu), "waybill.workerMemoryGb": .init(stringLiteral: memory),
        ]
        #expect { try size(values) } throws: { "\($0)" == words }
    }

    /// What was written, and what was metered of it.
    private final class Record: UsageSink {
        private let state = Mutex((lines: [String](), usage: [Usage](), facts: [UsageKey: Int64]()))

        var lines: [String] { state.withLock { $0.lines } }
        var usage: [Usage] { state.withLock { $0.usage } }
        var facts: [UsageKey: Int64] { state.withLock { $0.facts } }

        func write(_ line: String) { state.withLock { $0.lines.append(line) } }
        func used(_ usage: Usage) { state.withLock { $0.usage.append(usage) } }

        func saw(_ fact: UseFact, of resource: String, _ amount: Int64) {
            state.withLock { $0.facts[UsageKey(fact, of: resource), default: 0] += amount }
        }
    }

    @Test(arguments: [LogFormat.json, .text])
    func eachLineOfTheLogIsMeteredByItsBytesWithoutItsEnd(format: LogFormat) {
        let record = Record()
        let logger = Logger(label: "test") {
            format.handler(label: $0, level: .info, usage: record, write: { record.write($0) })
        }
        logger.info("an order", metadata: ["order": "Größe 1"])
        logger.debug("not written, not metered")
        logger.error("an error")
        #expect(record.lines.count == 2)
        #expect(record.lines.allSatisfy { $0.hasSuffix("\n") })
        let bytes = record.lines.map { Int64($0.utf8.count - 1) * 1000 }
        #expect(record.usage == bytes.map { Usage(.cloudWatchLogBytes, thousandths: $0) })
        #expect(
            record.facts == [
                UsageKey(.logBytes, of: "info"): bytes[0] / 1000, UsageKey(.logBytes, of: "error"): bytes[1] / 1000,
            ]
        )
    }
}
