import Testing
import WaybillCore

@Suite struct OrderReaderTests {
    @Test func aValidOrderIsReadCompletely() throws {
        let order = try OrderReader.read(OrderTexts.valid.utf8).get()
        #expect(order.id.text == "A-1")
        #expect(order.customer == Order.Customer(email: "zoe@xn--mller-kva.example", name: "Zoë Müller"))
        #expect(order.currency == Currency(code: "EUR", minorDigits: 2))
        #expect(
            order.lines == [
                Order.Line(name: "Pen", quantity: 2, unitPrice: Amount(minorUnits: 1250)),
                Order.Line(name: "Voucher", quantity: 1, unitPrice: Amount(minorUnits: -500)),
            ]
        )
        #expect(order.total == Amount(minorUnits: 2000))
        #expect(order.placedAt == Timestamp(seconds: 1_795_467_845) + .microseconds(678_000))
        #expect(order.locale == "de-DE")
        #expect(order.reference == "basket 9f2c")
    }

    @Test func unknownMembersAreIgnoredEverywhere() throws {
        let text = OrderTexts.valid.replacing("\"name\":", with: "\"extra\":{\"a\":[1]},\"name\":")
            .replacing("\"orderId\":", with: "\"Type\":\"Notification\",\"orderId\":")
        #expect(try OrderReader.read(text.utf8).get() == OrderReader.read(OrderTexts.valid.utf8).get())
    }

    @Test(arguments: [
        ("\"reference\":\"\"", nil), ("\"reference\":null", nil), ("\"x\":1", nil), ("\"reference\":\"r\"", "r"),
    ])
    func aReferenceMayBeMissingNullOrEmpty(member: String, expected: String?) throws {
        let text = OrderTexts.valid.replacing("\"reference\":\"basket 9f2c\"", with: member)
        #expect(try OrderReader.read(text.utf8).get().reference == expected)
    }

    @Test func aTotalOfZeroIsValid() throws {
        let order = try OrderReader.read(OrderTexts.with(lines: [("1", "\"0.00\"")], total: "0").utf8).get()
        #expect(order.total == Amount(minorUnits: 0))
    }

    @Test(arguments: OrderTexts.faults)
    func aFaultIsReportedWithItsPathAndWhatWasExpected(_ fault: OrderFault) {
        let violations = violations(OrderTexts.valid.replacing(fault.replace, with: fault.by))
        #expect(OrderTexts.valid.contains(fault.replace))
        #expect(violations?.code == .invalid)
        #expect(violations?.violations.map(\.description) == fault.reported)
    }

    @Test func everyViolationIsReportedAtOnce() {
        let text = """
            {"orderId":"","customer":{"email":"Zoë <zoe@example.com>","name":""},"currency":"euro",
            "lines":[{"name":"a\\u0000b","quantity":-1,"unitPrice":1.5},7],"total":"x","placedAt":"today","locale":"german language"}
            """
        #expect(
            violations(text)?.violations.map(\.path) == [
                "$.orderId", "$.customer.email", "$.customer.name", "$.currency", "$.lines[0].name",
                "$.lines[0].quantity", "$.lines[0].unitPrice", "$.lines[1]", "$.total", "$.placedAt", "$.locale",
            ]
        )
    }

    @Test func anEmptyObjectMissesEveryRequiredMember() {
        let violations = violations("{}")
        #expect(
            violations?.violations.map(\.path) == [
                "$.orderId", "$.customer", "$.currency", "$.lines", "$.total", "$.placedAt", "$.locale",
            ]
        )
        #expect(violations?.violations.allSatisfy { $0.found == "nothing" } == true)
        #expect(violations?.orderID == nil)
    }

    @Test(arguments: ["[]", "null", "1", "\"order\"", "true"])
    func whatIsNoObjectIsOneViolation(_ text: String) {
        #expect(violations(text)?.violations.map(\.path) == ["$"])
    }

    @Test func violationsCarryTheOrdersIdWhenItCouldBeRead() {
        #expect(violations("{\"orderId\":\"A-7\"}")?.orderID == OrderID("A-7"))
    }

    @Test func textThatIsNotJSONIsReportedWithItsPlace() {
        let violations = violations("{\"orderId\":\"A-1\",")
        #expect(violations?.code == .notJSON)
        #expect(violations?.description.contains("line 1, byte 17") == true)
    }

    @Test func anOrderOfExactlyTheLimitIsReadAndOneByteMoreIsRefused() throws {
        let padding = Order.largestBytes - OrderTexts.valid.utf8.count
        let largest = OrderTexts.valid + String(repeating: " ", count: padding)
        _ = try OrderReader.read(largest.utf8).get()
        let violations = violations(largest + " ")
        #expect(violations?.code == .tooLarge)
        #expect(violations?.violations.first?.found == "262145")
    }

    @Test func asManyLinesAsTheLimitAreReadAndOneMoreIsRefused() throws {
        let lines = Array(repeating: ("1", "1"), count: Order.mostLines)
        let order = try OrderReader.read(OrderTexts.with(lines: lines, total: "200").utf8).get()
        #expect(order.lines.count == Order.mostLines)
        let violations = violations(OrderTexts.with(lines: lines + [("1", "1")], total: "201"))
        #expect(violations?.description == "$.lines: expected 1 to 200 elements, found 201")
    }

    @Test func lengthsCountUnicodeScalars() throws {
        let longest = String(repeating: "é", count: Order.Customer.longestName)
        let order = try OrderReader.read(OrderTexts.valid.replacing("Zoë Müller", with: longest).utf8).get()
        #expect(order.customer.name == longest)
        let violations = violations(OrderTexts.valid.replacing("Zoë Müller", with: longest + "é"))
        #expect(violations?.description == "$.customer.name: expected 1 to 200 characters, found 201")
    }

    @Test(arguments: [
        [("1000000", "9223372036854775807")],
        [("1", "9223372036854775807"), ("1", "1")],
        [("1", "-9223372036854775808"), ("1", "-1")],
    ])
    func aSumThatLeaves64BitsIsAViolationAndNoCrash(_ lines: [(String, String)]) {
        let violations = violations(OrderTexts.with(lines: lines, total: "0"))
        #expect(violations?.description == "$.total: expected lines whose sum fits 64 bits, found more")
    }

    @Test func theLargestAmountsAreExact() throws {
        let price = "\"92233720368547758.07\""
        let order = try OrderReader.read(OrderTexts.with(lines: [("1", price)], total: price).utf8).get()
        #expect(order.total.minorUnits == .max)
    }

    @Test func aHundredViolationsStayReadable() {
        let lines = Array(repeating: ("0", "0"), count: 100)
        let violations = violations(OrderTexts.with(lines: lines, total: "0"))?.violations
        #expect(violations?.count == JSONReader.mostViolations + 1)
        #expect(violations?.last?.found == "50 more")
    }

    @Test func whatWasFoundIsShortenedAndEscaped() {
        let violations = violations(
            OrderTexts.valid.replacing("de-DE", with: "\\n" + String(repeating: "x", count: 1000))
        )
        let found = violations?.violations.first?.found ?? ""
        #expect(found.hasPrefix("\"\\nxxx"))
        #expect(found.count == 81)
    }

    private func violations(_ text: String) -> OrderViolations? {
        guard case .failure(let violations) = OrderReader.read(text.utf8) else { return nil }
        return violations
    }
}
