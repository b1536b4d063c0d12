import Foundation
import Testing
import WaybillCore
import WaybillPorts
import WaybillTemplates

@Suite struct MustacheRendererTests {
    private static let directory = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "ops/templates/order-confirmation").path()

    private func shipped() async throws -> MustacheRenderer {
        try await MustacheRenderer.load(
            directory: Self.directory,
            from: "Shop <orders@example.com>",
            replyTo: "help@example.com"
        )
    }

    private func order(name: String, line: String = "Disc") throws -> Order {
        Order(
            id: try #require(OrderID("A-1")),
            customer: Order.Customer(email: "a@example.com", name: name),
            currency: Currency(code: "USD", minorDigits: 2),
            lines: [Order.Line(name: line, quantity: 3, unitPrice: Amount(minorUnits: 5))],
            total: Amount(minorUnits: 15),
            placedAt: Timestamp(seconds: 1_700_000_000),
            locale: "en",
            reference: nil
        )
    }

    @Test func theShippedTemplatesRenderAnOrder() async throws {
        let email = try await shipped().render(try order(name: "Ann"))
        #expect(email.subject == "Your order A-1 is confirmed")
        #expect(email.html.contains("Thank you, Ann."))
        #expect(email.html.contains("USD 0.15"))
        #expect(email.text.contains("3 x Disc"))
        #expect(email.text.contains("USD 0.05 each, USD 0.15"))
        #expect(email.from == "Shop <orders@example.com>")
        #expect(email.template.hasPrefix("order-confirmation@"))
    }

    @Test func markupIsEscapedInHTMLAndLeftAloneInText() async throws {
        let email = try await shipped().render(try order(name: "<script>x</script> & Co", line: "\"Ding\""))
        #expect(!email.html.contains("<script>"))
        #expect(email.html.contains("&lt;script&gt;x&lt;/script&gt; &amp; Co"))
        #expect(email.text.contains("<script>x</script> & Co"))
    }

    @Test func theSameFilesHaveTheSameVersionAndOthersAnother() async throws {
        let first = try await shipped().version
        #expect(try await shipped().version == first)
        let changed = try await withTemplates(subject: "Order {{orderId}}") { try await load($0).version }
        #expect(changed.suffix(8) != first.suffix(8))
    }

    @Test func aTagThatNoOrderFillsIsRefusedAtTheStart() async throws {
        await refused(subject: "Order {{orderNumber}}", "{{orderNumber}}")
    }

    @Test func anUnescapedTagInHTMLIsRefused() async throws {
        await refused(html: "<p>{{{customerName}}}</p>", "unescaped")
        await refused(html: "<p>{{&customerName}}</p>", "unescaped")
    }

    @Test func aSubjectOfTwoLinesIsRefused() async throws {
        await refused(subject: "Order {{orderId}}\nBcc: x@example.com", "subject: expected one line")
    }

    @Test func aTemplateThatIsNotWellFormedIsRefusedWithItsFile() async throws {
        await refused(text: "{{#lines}} {{name}}", "body.txt.mustache")
    }

    @Test func aMissingFileIsNamed() async throws {
        let error = await #expect(throws: RenderError.self) {
            try await MustacheRenderer.load(directory: "/nowhere", from: "a@example.com", replyTo: nil)
        }
        #expect(error?.message.contains("/nowhere/subject.txt.mustache") == true)
    }

    @Test func aSenderWithALineBreakIsRefused() async throws {
        await #expect(throws: RenderError.self) {
            try await MustacheRenderer.load(
                directory: Self.directory,
                from: "a@example.com\r\nBcc: b@example.com",
                replyTo: nil
            )
        }
    }

    @Test func amountsHaveTheirCurrencysDecimals() {
        #expect(Amount(minorUnits: 5).written(in: Currency(code: "USD", minorDigits: 2)) == "USD 0.05")
        #expect(Amount(minorUnits: 500).written(in: Currency(code: "JPY", minorDigits: 0)) == "JPY 500")
        #expect(Amount(minorUnits: 12_345).written(in: Currency(code: "KWD", minorDigits: 3)) == "KWD 12.345")
        #expect(Amount(minorUnits: -1).written(in: Currency(code: "EUR", minorDigits: 2)) == "EUR -0.01")
    }

    private func load(_ directory: String) async throws -> MustacheRenderer {
        try await MustacheRenderer.load(directory: directory, from: "a@example.com", replyTo: nil)
    }

    private func refused(
        subject: String = "Order {{orderId}}",
        html: String = "<p>{{customerName}}</p>",
        text: String = "{{customerName}}",
        _ expected: String
    ) async {
        do {
            try await withTemplates(subject: subject, html: html, text: text) { directory in
                let error = await #expect(throws: RenderError.self) { try await load(directory) }
                #expect(error?.message.contains(expected) == true, "\(String(describing: error))")
            }
        } catch {
            Issue.record(error)
        }
    }

    private func withTemplates<Result>(
        subject: String,
        html: String = "<p>{{customerName}}</p>",
        text: String = "{{customerName}}",
        _ body: (String) async throws -> Result
    ) async throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
        }
        try Data(subject.utf8).write(to: directory.appending(path: "subject.txt.mustache"))
        try Data(html.utf8).write(to: directory.appending(path: "body.html.mustache"))
        try Data(text.utf8).write(to: directory.appending(path: "body.txt.mustache"))
        return try await body(directory.path())
    }
}
