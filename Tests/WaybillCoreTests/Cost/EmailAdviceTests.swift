import Testing
import WaybillCore

@Suite struct EmailAdviceTests {
    private typealias Fixture = AdviceFixture

    private func plan(_ recipients: Int64, _ plan: SESPlan, attachments: Int64 = 0) throws -> Recommendation? {
        let usage: [Meter: Int64] = [.sesRecipients: recipients * 1000, .sesAttachmentBytes: attachments]
        return try Fixture.recommendation(.sesPlan, Fixture.facts(usage), plan: plan)
    }

    @Test func aDearerPlanIsNamedWithWhatTheCheapestWouldSave() throws {
        // A million at 0.16 a thousand is 160, at 0.10 it is 100; with Pro 105 and 220.
        let essentials = try #require(try plan(1_000_000, .essentials))
        #expect(essentials.saving == Money(dollars: 60))
        #expect(essentials.title == "SES plan a-la-carte instead of essentials")
        #expect(
            essentials.evidence == "1000000 recipients a month: a-la-carte $100.00, essentials $160.00, pro $325.00, "
                + "enterprise not priced"
        )
        #expect(essentials.how.contains("before 2026-07-21"))
        #expect(try plan(1_000_000, .pro)?.saving == Money(dollars: 225))
    }

    @Test func theCheapestPlanIsLeftAlone() throws {
        #expect(try plan(1_000_000, .aLaCarte) == nil)
        #expect(try plan(0, .essentials) == nil)
    }

    @Test func aPlanIsChangedForADollarAndNotForLess() throws {
        // 0.06 a thousand less: a dollar at 16,667.
        #expect(try plan(16_667, .essentials)?.saving.decimal == "1.000020")
        #expect(try plan(16_666, .essentials) == nil)
    }

    @Test func whatThePresentPlanHasNoPriceForIsNotCompared() throws {
        let facts = Fixture.facts([.sesRecipients: 1_000_000_000, .sesAttachmentBytes: 1000])
        let advice = try Fixture.advice(facts, plan: .essentials)
        #expect(Fixture.silence(.sesPlan, advice)?.contains("no price for ses.attachment-bytes") == true)
    }

    private func addresses(_ count: Int64, emails: Int64) throws -> Recommendation? {
        let usage = [Meter.sesDedicatedIPHours: Fixture.allMonth(count)]
        return try Fixture.recommendation(.dedicatedAddresses, Fixture.facts(usage, emails: emails))
    }

    @Test func dedicatedAddressesThatAreNotKeptWarmAreGivenBack() throws {
        // 2,000 a day keep two of five warm: 3 x 24.95.
        let some = try #require(try addresses(5, emails: 60_000))
        #expect(some.saving.decimal == "74.850000")
        #expect(some.title == "Keep 2 of 5 dedicated addresses")
        let none = try #require(try addresses(1, emails: 29_999))
        #expect(none.saving.decimal == "24.950000")
        #expect(none.title.hasPrefix("Give back all 1"))
    }

    @Test func addressesThatAreKeptWarmStay() throws {
        #expect(try addresses(5, emails: 150_000) == nil)
        #expect(try addresses(0, emails: 0) == nil)
    }

    @Test func aThousandADayIsEnoughForAnAddress() throws {
        #expect(try addresses(1, emails: 30_000) == nil)
        #expect(try addresses(1, emails: 29_999) != nil)
    }
}
