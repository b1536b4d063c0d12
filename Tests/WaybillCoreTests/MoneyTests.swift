import Testing
import WaybillCore

@Suite struct MoneyTests {
    @Test(arguments: [
        (0, "$0.00", "0.000000"), (1_234_567_800, "$1,234.57", "1234.567800"), (-50_000, "-$0.05", "-0.050000"),
        (400, "$0.000400", "0.000400"), (-1, "-$0.000001", "-0.000001"), (9_999, "$0.009999", "0.009999"),
        (10_000, "$0.01", "0.010000"), (14_999, "$0.01", "0.014999"), (15_000, "$0.02", "0.015000"),
        (1_000_000_000_000, "$1,000,000.00", "1000000.000000"), (999_999_000_000, "$999,999.00", "999999.000000"),
        (999_995_000, "$1,000.00", "999.995000"), (Int64.min, "-$9,223,372,036,854.78", "-9223372036854.775808"),
    ])
    func anAmountIsWrittenForPeopleAndForPrograms(microdollars: Int64, people: String, programs: String) {
        #expect(Money(microdollars: microdollars).formatted == people)
        #expect(Money(microdollars: microdollars).decimal == programs)
    }

    @Test func aShareIsRoundedHalfAwayFromZero() {
        #expect(Money(dollars: 160).per(1000, of: 1_000_000) == Money(microdollars: 160_000))
        #expect(Money(microdollars: 1).per(1, of: 2) == Money(microdollars: 1))
        #expect(Money(microdollars: 1).per(1, of: 3) == .zero)
        #expect(Money(microdollars: -1).per(1, of: 2) == Money(microdollars: -1))
        #expect(Money(dollars: 1).per(1000, of: 0) == nil)
        #expect(Money(microdollars: .max).per(1000, of: 1) == nil)
    }

    @Test func aComputedAmountBeyondAllBillsIsHeldAtTheLargest() {
        #expect(Money(nearestMicrodollars: 1.5) == Money(microdollars: 2))
        #expect(Money(nearestMicrodollars: -1.5) == Money(microdollars: -2))
        #expect(Money(nearestMicrodollars: .infinity) == Money(microdollars: 9_000_000_000_000_000_000))
        #expect(Money(nearestMicrodollars: -1e300) == Money(microdollars: -9_000_000_000_000_000_000))
        #expect(Money(nearestMicrodollars: .nan) == .zero)
    }

    @Test(
        arguments: [
            ("0.0000004", 400_000, "0.0000004"), ("0.0000004000", 400_000, "0.0000004"),
            ("24.95", 24_950_000_000_000, "24.95"), ("105", 105_000_000_000_000, "105"), ("0", 0, "0"),
            ("0.000000000001", 1, "0.000000000001"),
            ("999999.999999999999", 999_999_999_999_999_999, "999999.999999999999"),
        ] as [(String, Int64, String)]
    )
    func aPriceIsReadExactly(text: String, picodollars: Int64, dollars: String) {
        #expect(UnitPrice(dollars: text)?.picodollars == picodollars)
        #expect(UnitPrice(dollars: text)?.dollars == dollars)
    }

    @Test(arguments: ["", ".", "1.", ".5", "-1", "+1", "1e-6", "1,5", "0.0000000000001", "1000000", "1.2.3", " 1", "٣"])
    func whatIsNotExactlyAPriceIsRefused(text: String) {
        #expect(UnitPrice(dollars: text) == nil)
    }
}

@Suite struct BillingCalendarTests {
    @Test func daysAndMonthsAreThoseOfTheCalendar() throws {
        let leap = try CostFixture.day("2028-02-29")
        #expect(leap.month.days == 29)
        #expect(leap.month.hours == 696)
        #expect(leap.advanced(by: 1).description == "2028-03-01")
        #expect(leap.weekday == 1)
        #expect(leap.month.previous.description == "2028-01")
        #expect(leap.month.next.description == "2028-03")
        #expect(try CostFixture.day("2026-12-31").month.next.description == "2027-01")
        #expect(try CostFixture.day("1970-01-01").weekday == 3)
        #expect(try CostFixture.day("1969-12-28").weekday == 6)
        #expect(try CostFixture.day("1969-12-28").number == -4)
        #expect(leap.month.contains(leap))
        #expect(!leap.month.contains(leap.advanced(by: 1)))
    }

    @Test func anHourKnowsItsDayAndItsPlaceInTheWeek() throws {
        let monday = try CostFixture.day("2026-11-23")
        #expect(monday.firstHour.hourOfWeek == 0)
        #expect(monday.firstHour.advanced(by: -1).hourOfWeek == 167)
        #expect(monday.firstHour.advanced(by: 23).day == monday)
        #expect(monday.firstHour.advanced(by: 24).day == monday.advanced(by: 1))
        #expect(BillingHour(monday.start + .seconds(3599)) == monday.firstHour)
        #expect(BillingHour(Timestamp(seconds: -1)).number == -1)
        #expect(BillingHour(number: -1).hourOfWeek == 71)
    }

    @Test(arguments: [
        "2026-02-29", "2026-1-01", "2026-01-1", "26-01-01", "2026-01-01Z", "2026/01/01", "", "2026-13-01",
    ])
    func aDayThatDoesNotExistIsRefused(text: String) {
        #expect(BillingDay(text) == nil)
    }

    @Test(arguments: ["2026-13", "2026-00", "2026", "2026-1", "2026-011"])
    func aMonthThatDoesNotExistIsRefused(text: String) {
        #expect(BillingMonth(text) == nil)
    }
}
