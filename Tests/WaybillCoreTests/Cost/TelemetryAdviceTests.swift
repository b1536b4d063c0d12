import Testing
import WaybillCore

@Suite struct TelemetryAdviceTests {
    private typealias Fixture = AdviceFixture

    private func logs(_ levels: [String: Int64]) throws -> Recommendation? {
        let facts = Fixture.facts([.cloudWatchLogBytes: levels.values.reduce(0, +) * 1000]) {
            $0.logs = MeasuredFacts.Logs(bytesByLevel: levels)
        }
        return try Fixture.recommendation(.logVolume, facts)
    }

    @Test func debugLinesAreNamed() throws {
        // 20 gigabytes of 2^30 bytes at 0.50.
        let recommendation = try #require(try logs(["debug": 20 << 30, "info": 20 << 30]))
        #expect(recommendation.saving == Money(dollars: 10))
        #expect(recommendation.evidence == "debug 50 % of 42949 MB of log a month")
    }

    @Test func linesFromInfoOnStay() throws {
        #expect(try logs(["info": 900 << 30, "error": 10 << 30]) == nil)
        #expect(try logs(["debug": 0]) == nil)
    }

    @Test func debugLinesOfADollarAreNamedAndFewerAreNot() throws {
        #expect(try logs(["debug": 2 << 30, "info": 28 << 30])?.saving == Money(dollars: 1))
        #expect(try logs(["debug": (2 << 30) - 3000, "info": (28 << 30) + 3000]) == nil)
    }

    /// A month brings 60 gigabytes.
    private func retention(_ stored: Int64, _ retention: MeasuredFacts.Logs.Retention) throws -> Recommendation? {
        let usage: [Meter: Int64] = [
            .cloudWatchLogStorage: Fixture.allMonth(stored), .cloudWatchLogBytes: 60_000 << 30,
        ]
        return try Fixture.recommendation(
            .logRetention,
            Fixture.facts(usage) { $0.logs = MeasuredFacts.Logs(retention: retention) }
        )
    }

    @Test func logsThatAreKeptForEverAreNamed() throws {
        // 440 gigabytes less at 0.03.
        let recommendation = try #require(try retention(500, .forever))
        #expect(recommendation.saving.decimal == "13.200000")
        #expect(recommendation.evidence == "500 GB are stored and kept for ever; 30 days of log are 60 GB")
    }

    @Test func logsThatAreKeptForAMonthStay() throws {
        #expect(try retention(500, .days(30)) == nil)
        #expect(try retention(60, .forever) == nil)
    }

    @Test func aDayMoreThanAMonthAndADollarAreNeeded() throws {
        #expect(try retention(94, .days(31))?.saving.decimal == "1.020000")
        #expect(try retention(93, .days(31)) == nil)
    }

    private func standing(_ topic: Recommendation.Topic, _ meter: Meter, _ count: Int64) throws -> String? {
        try Fixture.saving(topic, Fixture.facts([meter: Fixture.allMonth(count)]))
    }

    @Test func metricsThatTheClusterDoesNotHaveAreNamed() throws {
        // 100 x 0.30
        #expect(try standing(.metricCount, .cloudWatchMetricHours, 165) == "30.000000")
    }

    @Test func theClustersOwnMetricsStay() throws {
        #expect(try standing(.metricCount, .cloudWatchMetricHours, 65) == nil)
    }

    @Test func metricsOfADollarAreNamedAndFewerAreNot() throws {
        #expect(try standing(.metricCount, .cloudWatchMetricHours, 69) == "1.200000")
        #expect(try standing(.metricCount, .cloudWatchMetricHours, 68) == nil)
    }

    @Test func alarmsThatTheClusterDoesNotHaveAreNamed() throws {
        // 75 x 0.10
        #expect(try standing(.alarmCount, .cloudWatchAlarmHours, 100) == "7.500000")
    }

    @Test func theClustersOwnAlarmsStay() throws {
        #expect(try standing(.alarmCount, .cloudWatchAlarmHours, 25) == nil)
    }

    @Test func alarmsOfADollarAreNamedAndFewerAreNot() throws {
        #expect(try standing(.alarmCount, .cloudWatchAlarmHours, 35) == "1.000000")
        #expect(try standing(.alarmCount, .cloudWatchAlarmHours, 34) == nil)
    }
}
