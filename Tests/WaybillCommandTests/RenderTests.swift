import Testing
import WaybillCore
import WaybillPorts

@testable import waybill

@Suite struct RenderTests {
    @Test func aGoodOrderBecomesAnEmail() async {
        let result = await RenderResult(Array(Self.good.utf8), with: FixedRenderer())
        #expect(result.faults.isEmpty)
        #expect(result.json["valid"] == .bool(true))
        #expect(result.json["email"]?["to"]?.text == "ada@example.com")
        #expect(
            result.lines(.plain) == [
                "order     1001", "brand     default", "from      Shop <shop@example.com>", "to        ada@example.com",
                "subject   Order 1001", "template  t@1", "", "Hello", "two\\u{1B}[2J", "",
            ]
        )
    }

    @Test func everythingThatIsWrongIsNamedAtOnce() async {
        let text = Self.good.replacing(#""quantity":2"#, with: #""quantity":-2"#).replacing("EUR", with: "Euro")
        let result = await RenderResult(Array(text.utf8), with: FixedRenderer())
        #expect(result.faults.count >= 2)
        #expect(result.faults.contains { $0.hasPrefix("$.currency: expected") })
        #expect(result.faults.contains { $0.hasPrefix("$.lines[0].quantity: expected") })
        #expect(result.json["valid"] == .bool(false))
        #expect(result.json["email"] == .null)
        #expect(result.json["violations"]?.elements?.count == result.faults.count)
        #expect(result.lines(.plain).isEmpty)
    }

    @Test func whatIsNotJSONAndWhatCannotBeRenderedAreFaults() async {
        #expect(await RenderResult(Array("{".utf8), with: FixedRenderer()).faults.count == 1)
        let refused = await RenderResult(Array(Self.good.utf8), with: FixedRenderer(error: RenderError("too long")))
        #expect(refused.faults == ["template: too long"])
        #expect(refused.json["valid"] == .bool(false))
    }

    private static let good = """
        {"orderId":"1001","customer":{"email":"ada@example.com","name":"Ada"},"currency":"EUR",\
        "lines":[{"name":"Record","quantity":2,"unitPrice":"1.50"}],"total":"3.00",\
        "placedAt":"2026-11-23T21:04:05Z","locale":"en"}
        """
}

private struct FixedRenderer: EmailRenderer {
    var error: RenderError?

    func render(_ order: Order) async throws(RenderError) -> RenderedEmail {
        if let error { throw error }
        return RenderedEmail(
            from: "Shop <shop@example.com>",
            replyTo: nil,
            subject: "Order \(order.id)",
            html: "<p>Hello</p>",
            text: "Hello\ntwo\u{1B}[2J\n",
            template: "t@1"
        )
    }
}
