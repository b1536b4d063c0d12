import Testing
import WaybillCore
import WaybillTemplates

@Suite struct LocaleFormatTests {
    private static let blank = "\u{A0}"

    @Test(arguments: [
        (Int64(5), "USD", "$0.05", "0,05\(blank)$"), (123_456, "EUR", "€1,234.56", "1.234,56\(blank)€"),
        (-500, "EUR", "-€5.00", "-5,00\(blank)€"), (100_000, "GBP", "£1,000.00", "1.000,00\(blank)£"),
        (99_999, "USD", "$999.99", "999,99\(blank)$"), (0, "EUR", "€0.00", "0,00\(blank)€"),
        (1_234_567, "JPY", "¥1,234,567", "1.234.567\(blank)¥"), (500, "JPY", "¥500", "500\(blank)¥"),
        (12_345, "KWD", "KWD\(blank)12.345", "12,345\(blank)KWD"), (-1, "CHF", "-CHF\(blank)0.01", "-0,01\(blank)CHF"),
        (100_000_00, "CAD", "CAD\(blank)100,000.00", "100.000,00\(blank)CAD"),
        (.max, "EUR", "€92,233,720,368,547,758.07", "92.233.720.368.547.758,07\(blank)€"),
        (.min, "EUR", "-€92,233,720,368,547,758.08", "-92.233.720.368.547.758,08\(blank)€"),
    ])
    func anAmountIsExactAndWrittenAsItsReadersWriteIt(units: Int64, code: String, en: String, de: String) throws {
        let currency = try #require(Currency(code: code))
        #expect(LocaleFormat(.en).money(Amount(minorUnits: units), in: currency) == en)
        #expect(LocaleFormat(.de).money(Amount(minorUnits: units), in: currency) == de)
    }

    @Test func aNumberIsGrouped() {
        #expect([1, 999, 1000, 1_000_000].map(LocaleFormat(.en).number) == ["1", "999", "1,000", "1,000,000"])
        #expect([1, 999, 1000, 1_000_000].map(LocaleFormat(.de).number) == ["1", "999", "1.000", "1.000.000"])
    }

    @Test(arguments: [
        ("2026-01-02", "January 2, 2026", "2. Januar 2026"), ("2026-03-31", "March 31, 2026", "31. März 2026"),
        ("2028-02-29", "February 29, 2028", "29. Februar 2028"),
        ("2026-12-31", "December 31, 2026", "31. Dezember 2026"),
    ])
    func aDayHasItsMonthsName(day: String, en: String, de: String) throws {
        let date = CalendarDate(try #require(Timestamp(rfc3339: "\(day)T12:00:00Z")))
        #expect(LocaleFormat(.en).day(date) == en)
        #expect(LocaleFormat(.de).day(date) == de)
    }

    @Test(arguments: [
        ("UTC", "2026-11-30T23:30:00Z", "30. November 2026"),
        ("Europe/Berlin", "2026-11-30T22:59:59Z", "30. November 2026"),
        ("Europe/Berlin", "2026-11-30T23:00:00Z", "1. Dezember 2026"),
        ("Europe/Berlin", "2026-07-31T22:00:00Z", "1. August 2026"),
        ("Europe/Berlin", "2026-07-31T21:59:59Z", "31. Juli 2026"),
        ("America/New_York", "2027-01-01T04:59:59Z", "31. Dezember 2026"),
        ("Asia/Kathmandu", "2026-11-30T18:15:00Z", "1. Dezember 2026"),
    ])
    func aDayIsTheOneOfTheTimeZoneWithItsSummerTime(zone: String, time: String, day: String) throws {
        let date = try #require(BrandTimeZone(zone)).date(try #require(Timestamp(rfc3339: time)))
        #expect(LocaleFormat(.de).day(date) == day)
    }

    @Test(arguments: ["", "Mars/Phobos", "CET", "GMT+2", "+02:00", "Europe/", "../etc/passwd", "europe"])
    func whatIsNoNameOfATimeZoneIsRefused(name: String) {
        #expect(BrandTimeZone(name) == nil)
    }
}
