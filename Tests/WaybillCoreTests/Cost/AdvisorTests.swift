import Testing
import WaybillCore

@Suite struct AdvisorTests {
    private typealias Fixture = AdviceFixture

    @Test func whatNobodyMeasuredGivesNoAdvice() throws {
        let usage: [Meter: Int64] = [
            .sqsRequests: 900_000_000_000, .snsRequests: 900_000_000_000, .dynamoDBWriteUnits: 900_000_000_000,
            .cloudWatchLogBytes: 900_000_000_000_000, .cloudWatchLogStorage: Fixture.allMonth(900),
            .fargateARMCPUHours: Fixture.allMonth(90), .rdsT4gMediumHours: Fixture.allMonth(2),
            .networkNATHours: Fixture.allMonth(3),
        ]
        let advice = try Fixture.advice(Fixture.facts(usage))
        #expect(advice.recommendations == [])
        #expect(
            advice.silences.map(\.topic) == [
                .emptyReceives, .feedbackKinds, .unreadIndexes, .recordSize, .provisionedCapacity, .logVolume,
                .logRetention, .workerCount, .workerSize, .databaseSize, .networkPath,
            ]
        )
        #expect(Fixture.silence(.emptyReceives, advice) == "the number of empty receives is not known")
        #expect(advice.pricesAsOf.description == "2026-11-27")
    }

    @Test func fewerDaysThanAWeekGiveNoAdvice() throws {
        let usage: [Meter: Int64] = [.cloudWatchAlarmHours: Fixture.allMonth(100)]
        let tooFew = try Fixture.advice(Fixture.facts(usage, days: 6))
        #expect(tooFew.recommendations == [])
        #expect(tooFew.silences.count == Recommendation.Topic.allCases.count)
        #expect(tooFew.silences.first?.reason == "only 6 days were measured, and 7 are needed")
        #expect(try Fixture.saving(.alarmCount, Fixture.facts(usage, days: 7)) != nil)
    }

    @Test func theMeasuredDaysAreProjectedToTheMonth() throws {
        // 100 alarms over 15 days are half the hours of a month, and all of it when projected: 75 x 0.10.
        let usage: [Meter: Int64] = [.cloudWatchAlarmHours: Fixture.allMonth(100) / 2]
        #expect(try Fixture.saving(.alarmCount, Fixture.facts(usage, days: 15)) == "7.500000")
    }

    @Test func aLongMonthHasMoreOfWhatIsUsed() throws {
        // Three gigabytes in 30 days are 3.1 in 31, at 0.50.
        let facts = Fixture.facts([.cloudWatchLogBytes: 3000 << 30]) {
            $0.logs = MeasuredFacts.Logs(bytesByLevel: ["debug": 3 << 30])
        }
        let december = Advisor.advise(facts, pricing: try CostFixture.pricing("2026-12", plan: .aLaCarte))
        #expect(december.recommendations.map(\.saving.decimal) == ["1.550000"])
    }

    @Test func theMostMoneyComesFirst() throws {
        let usage: [Meter: Int64] = [
            .cloudWatchAlarmHours: Fixture.allMonth(100), .cloudWatchMetricHours: Fixture.allMonth(165),
            .sesDedicatedIPHours: Fixture.allMonth(1), .fargateX86CPUHours: Fixture.allMonth(4),
        ]
        let advice = try Fixture.advice(Fixture.facts(usage))
        #expect(
            advice.recommendations.map(\.key) == ["metric-count", "ses-dedicated-addresses", "graviton", "alarm-count"]
        )
        #expect(advice.recommendations.map(\.saving.decimal) == ["30.000000", "24.950000", "23.328000", "7.500000"])
        #expect(advice.recommendations.allSatisfy { !$0.evidence.isEmpty && !$0.how.isEmpty && !$0.title.isEmpty })
    }

    @Test func aProgramReadsTheSavingAsTextAndTheReasonsOfSilence() throws {
        let json = try Fixture.advice(Fixture.facts([.cloudWatchAlarmHours: Fixture.allMonth(100)])).json
        let recommendation = try #require(json["recommendations"]?.elements?.first)
        #expect(recommendation["key"]?.text == "alarm-count")
        #expect(recommendation["dollarsPerMonth"]?.text == "7.500000")
        #expect(recommendation["confidence"]?.text == "medium")
        #expect(recommendation["evidence"]?.text == "100 alarms on average; the cluster needs about 25")
        let silence = try #require(json["silences"]?.elements?.first)
        #expect(silence["key"]?.text == "empty-receives")
        #expect(silence["reason"]?.text == "the number of empty receives is not known")
        #expect(json["pricesAsOf"]?.text == "2026-11-27")
    }

    @Test func aMissingPriceSilencesTheRuleThatNeedsIt() throws {
        // The book of eu-west-1 has no prices of SES.
        let advice = try Fixture.advice(Fixture.facts([.sesRecipients: 1_000_000_000]), region: "eu-west-1")
        #expect(advice.recommendations == [])
        #expect(Fixture.silence(.sesPlan, advice)?.contains("eu-west-1 as of 2026-11-27 has no price for") == true)
    }

    @Test func aSumThatRestsOnAPriceFromMemoryIsNotTrustedMuch() throws {
        let facts = Fixture.facts([.cloudWatchLogStorage: Fixture.allMonth(500)]) {
            $0.logs = MeasuredFacts.Logs(retention: .forever)
        }
        #expect(try Fixture.recommendation(.logRetention, facts)?.confidence == .low)
        let metrics = Fixture.facts([.cloudWatchMetricHours: Fixture.allMonth(165)])
        #expect(try Fixture.recommendation(.metricCount, metrics)?.confidence == .medium)
    }

    @Test func useThatCannotBeIsNamed() throws {
        let advice = try Fixture.advice(Fixture.facts([.cloudWatchAlarmHours: -1]))
        #expect(Fixture.silence(.alarmCount, advice) == "a count of -1 in 30 days cannot be")
        let tooMany = try Fixture.advice(Fixture.facts([.cloudWatchMetricHours: Fixture.allMonth(10_001)]))
        #expect(Fixture.silence(.metricCount, tooMany)?.contains("is known up to 10000 a month only") == true)
    }
}
