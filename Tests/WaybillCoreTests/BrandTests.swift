import Testing
import WaybillCore

@Suite struct BrandTests {
    private static let now = Timestamp(seconds: 1_795_500_000)

    private func decision(_ member: String, brands: String...) -> IntakeRule.Decision {
        let text = OrderTexts.valid.replacing("\"total\"", with: "\(member)\"total\"")
        let known = Set([BrandName.standard] + brands.compactMap(BrandName.init))
        return IntakeRule(retention: .seconds(400 * 86_400), brands: known).decide(text, now: Self.now)
    }

    @Test(arguments: ["a", "papeterie", "shop-2", String(repeating: "x", count: 40)])
    func aNameIsReadAsItIs(text: String) {
        #expect(BrandName(text)?.text == text)
    }

    @Test(arguments: ["", "Shop", "a b", "a_b", "é", "a/b", "a\n", String(repeating: "x", count: 41)])
    func whatCouldBeMistakenForAnotherNameIsNone(text: String) {
        #expect(BrandName(text) == nil)
    }

    @Test(arguments: ["", "\"brand\":null,", "\"brand\":\"default\","])
    func anOrderThatNamesNoBrandIsOfTheStandardOne(member: String) {
        guard case .accept(let order, payload: _) = decision(member) else {
            Issue.record("refused")
            return
        }
        #expect(order.brand == .standard)
    }

    @Test func aKnownBrandIsTaken() {
        guard case .accept(let order, payload: _) = decision("\"brand\":\"papeterie\",", brands: "papeterie") else {
            Issue.record("refused")
            return
        }
        #expect(order.brand.text == "papeterie")
    }

    @Test(arguments: [("\"other\"", "\"other\""), ("\"Papeterie\"", "\"Papeterie\""), ("[]", "an array")])
    func anUnknownBrandIsQuarantinedAndTheReasonListsThoseThatAreKnown(value: String, found: String) {
        let reason = "$.brand: expected one of the brands default, papeterie, found \(found)"
        let delivery = OrderID("A-1").map { DeliveryID(order: $0) }
        let expected = IntakeRule.Decision.quarantine(code: "invalid-order", reason: reason, delivery: delivery)
        #expect(decision("\"brand\":\(value),", brands: "papeterie") == expected)
    }

    @Test func aCopyKeepsItsBrand() throws {
        let text = OrderTexts.valid.replacing("\"total\"", with: "\"brand\":\"papeterie\",\"total\"")
        let copy = try OrderCopy.make(of: text, to: "new@example.com").get()
        #expect(copy.order.brand.text == "papeterie")
    }

    @Test(arguments: [
        ("de", EmailLocale.de), ("de-AT", .de), ("DE-ch", .de), ("en", .en), ("en-GB-oxendict", .en), ("ja", .de),
        ("deu", .de), ("eng", .de), ("x-en", .de),
    ])
    func theLanguageDecidesAndWhatIsNotOfferedFallsBack(tag: String, locale: EmailLocale) {
        #expect(EmailLocale.chosen(for: tag, among: [.en, .de], fallback: .de) == locale)
    }

    @Test func aLanguageThatIsKnownButNotOfferedFallsBackToo() {
        #expect(EmailLocale.chosen(for: "de-DE", among: [.en], fallback: .en) == .en)
    }
}
