import Testing
import WaybillCore

@Suite struct AmountTests {
    private static let euro = Currency(code: "EUR", minorDigits: 2)

    @Test(arguments: [
        ("12.50", "EUR", 1250, "12.50"), ("12.5", "EUR", 1250, "12.50"), ("12", "EUR", 1200, "12.00"),
        ("0", "EUR", 0, "0.00"), ("-0.00", "EUR", 0, "0.00"), ("0.05", "EUR", 5, "0.05"), ("-0.05", "EUR", -5, "-0.05"),
        ("-3", "EUR", -300, "-3.00"), ("1250", "JPY", 1250, "1250"), ("-1", "JPY", -1, "-1"), ("0", "JPY", 0, "0"),
        ("1.234", "KWD", 1234, "1.234"), ("0.001", "KWD", 1, "0.001"), ("1.0001", "CLF", 10001, "1.0001"),
        ("92233720368547758.07", "USD", Int64.max, "92233720368547758.07"),
        ("-92233720368547758.08", "USD", Int64.min, "-92233720368547758.08"),
    ])
    func aDecimalIsReadAndWrittenExactly(text: String, code: String, minorUnits: Int64, written: String) throws {
        let currency = try #require(Currency(code: code))
        let amount = try #require(Amount(decimal: text, in: currency))
        #expect(amount.minorUnits == minorUnits)
        #expect(amount.decimal(in: currency) == written)
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "-.5", "+1", "01", "00", "-01", "1.234", "1,5", "1 000", "1e2", "1.2.3", "--1", "0x1",
        "١", "1.5\n", " 1", "NaN", "92233720368547758.08", "-92233720368547758.09", "99999999999999999999999999",
    ])
    func whatIsNoExactAmountIsRefused(_ text: String) {
        #expect(Amount(decimal: text, in: Self.euro) == nil)
    }

    @Test func aCurrencyWithoutMinorUnitTakesNoPoint() throws {
        let yen = try #require(Currency(code: "JPY"))
        #expect(Amount(decimal: "1.0", in: yen) == nil)
    }
}

@Suite struct CurrencyTests {
    @Test(arguments: [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0), ("XCG", 2), ("HUF", 2), ("TND", 3)])
    func aCurrencyHasTheMinorDigitsOfISO4217(code: String, digits: Int) {
        #expect(Currency(code: code)?.minorDigits == digits)
    }

    @Test(arguments: ["", "EU", "EURO", "eur", "XXX", "XAU", "XTS", "ÉUR", "AAA"])
    func anotherCodeIsNone(_ code: String) {
        #expect(Currency(code: code) == nil)
    }

    @Test func theListHoldsEveryCodeOnce() {
        #expect(Currency.all.count == 167)
        #expect(
            Currency.all.allSatisfy {
                $0.code.utf8.count == 3 && (0...Currency.mostMinorDigits).contains($0.minorDigits)
            }
        )
    }
}
