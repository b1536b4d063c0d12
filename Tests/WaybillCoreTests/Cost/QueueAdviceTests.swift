import Testing
import WaybillCore

@Suite struct QueueAdviceTests {
    private typealias Fixture = AdviceFixture

    /// Two queues with a poller each: 2 x 3 a minute x 43,200 minutes.
    private static let least: Int64 = 259_200

    private func empty(_ excess: Int64) throws -> Recommendation? {
        let facts = Fixture.facts([.sqsRequests: 50_000_000_000]) {
            $0.receives = MeasuredFacts.Receives(queues: 2, calls: 40_518_400, empty: Self.least + excess)
        }
        return try Fixture.recommendation(.emptyReceives, facts)
    }

    @Test func emptyReceivesBeyondOnePollerForEachQueueAreNamed() throws {
        // 20 million requests at 0.40 a million.
        let recommendation = try #require(try empty(20_000_000))
        #expect(recommendation.saving == Money(dollars: 8))
        #expect(
            recommendation.evidence
                == "20259200 of 40518400 receives a month brought nothing (50 %); one long poller for "
                + "each of 2 queues makes 259200 at most"
        )
    }

    @Test func onePollerForEachQueueIsTheLeastThereIs() throws {
        #expect(try empty(0) == nil)
        #expect(try empty(-Self.least) == nil)
    }

    @Test func emptyReceivesOfADollarAreNamedAndFewerAreNot() throws {
        #expect(try empty(2_500_000)?.saving == Money(dollars: 1))
        #expect(try empty(2_499_990) == nil)
    }

    private func events(_ feedback: [String: Int64]) throws -> Recommendation? {
        let facts = Fixture.facts([.snsRequests: 12_000_000_000, .sqsRequests: 15_000_000_000]) {
            $0.feedback = feedback
        }
        return try Fixture.recommendation(.feedbackKinds, facts)
    }

    @Test func eventsThatNobodyActsOnAreNamed() throws {
        // Ten million: 5.00 of SNS, and a fifth of a request of SQS each, two million at 0.40.
        let recommendation = try #require(try events(["Open": 9_000_000, "Click": 1_000_000, "Delivery": 2_000_000]))
        #expect(recommendation.saving.decimal == "5.800000")
        #expect(recommendation.title == "Do not publish Click, Open events")
    }

    @Test func whenNothingElseIsPublishedAllThatSNSCostsIsSaved() throws {
        // The meter has each publish of SES once, ten million: nine beyond what is free, and of SQS one of two.
        let facts = Fixture.facts([.snsRequests: 10_000_000_000, .sqsRequests: 2_000_000_000]) {
            $0.feedback = ["Open": 10_000_000]
        }
        #expect(try Fixture.recommendation(.feedbackKinds, facts)?.saving.decimal == "4.900000")
    }

    @Test func theEventsThatAreNeededStay() throws {
        let needed = ["Send", "Delivery", "DeliveryDelay", "Bounce", "Complaint", "Reject"]
        #expect(try events(Dictionary(uniqueKeysWithValues: needed.map { ($0, 1_000_000_000) })) == nil)
        #expect(try events(["Open": 0]) == nil)
    }

    @Test func needlessEventsOfADollarAreNamedAndFewerAreNot() throws {
        // 0.58 a million.
        #expect(try events(["Open": 1_724_138])?.saving == Money(dollars: 1))
        #expect(try events(["Open": 1_724_130]) == nil)
    }
}
