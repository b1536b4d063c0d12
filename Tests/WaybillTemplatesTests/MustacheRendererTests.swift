import Dispatch
import Foundation
import Synchronization
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
        #expect(email.html.contains(">Thank you, Ann<"))
        #expect(email.html.contains(">3 &times; $0.05<"))
        #expect(email.html.contains(">$0.15<"))
        #expect(email.text.contains("- Disc\n  3 x $0.05\n  $0.15\n\nTotal:  $0.15\n\n--\nShop\n"))
        #expect(email.from == "Shop <orders@example.com>")
        #expect(email.replyTo == "help@example.com")
        #expect(email.template.hasPrefix("order-confirmation@"))
    }

    @Test func markupIsEscapedInHTMLAndLeftAloneInText() async throws {
        let email = try await shipped().render(try order(name: "<script>x</script> & Co", line: "\"Ding\""))
        #expect(!email.html.contains("<script>"))
        #expect(email.html.contains("&lt;script&gt;x&lt;/script&gt; &amp; Co"))
        #expect(email.text.contains("<script>x</script> & Co"))
    }

    @Test(arguments: [("\"", "&quot;"), ("<", "&lt;"), (">", "&gt;"), ("&", "&amp;"), ("'", "&#39;")])
    func markupWithAnAccentOnItIsEscapedToo(sign: String, escaped: String) async throws {
        try await withTemplates(subject: "x", html: "<p title=\"{{customerName}}\">") { directory in
            let renderer = try await load(directory)
            // One character to Swift; an accent and the sign itself to a browser.
            for accent in ["\u{301}", "\u{20D0}", "\u{200D}", "\u{FE0F}"] {
                let email = try await renderer.render(try order(name: "A\(sign)\(accent)B"))
                #expect(Array(email.html.utf8) == Array("<p title=\"A\(escaped)\(accent)B\">".utf8))
            }
        }
    }

    @Test func whatIsInAnOrderIsNeverReadAsATemplate() async throws {
        let email = try await shipped().render(try order(name: "{{total}} {{#lines}}{{%x}}"))
        #expect(email.text.contains("Thank you, {{total}} {{#lines}}{{%x}}."))
    }

    @Test func aNameWithALineBreakNeverReachesTheSubject() async throws {
        try await withTemplates(subject: "For {{customerName}}") { directory in
            let renderer = try await load(directory)
            for control in ["\r\nBcc: x@example.com", "\n", "\0", "\u{2028}"] {
                let order = try order(name: "A\(control)B")
                await #expect(throws: RenderError.self) { try await renderer.render(order) }
            }
        }
    }

    @Test func aSubjectOverTheLimitIsRefused() async throws {
        try await withTemplates(subject: "{{customerName}}") { directory in
            let renderer = try await load(directory)
            let longest = try order(name: String(repeating: "x", count: MustacheRenderer.longestSubject))
            #expect(try await renderer.render(longest).subject == longest.customer.name)
            let longer = try order(name: longest.customer.name + "x")
            await #expect(throws: RenderError.self) { try await renderer.render(longer) }
        }
    }

    @Test func aBodyOverTheLimitIsRefused() async throws {
        let body = "{{#lines}}" + String(repeating: "{{name}}", count: 1000) + "{{/lines}}"
        try await withTemplates(subject: "x", text: body) { directory in
            let renderer = try await load(directory)
            let order = try order(name: "A", line: String(repeating: "x", count: 2000))
            let error = await #expect(throws: RenderError.self) { try await renderer.render(order) }
            #expect(error?.message == "text body: expected at most 1048576 bytes, found 2000000")
        }
    }

    @Test func aLineWhoseTotalLeaves64BitsIsAnErrorAndNoCrash() async throws {
        var order = try order(name: "A")
        order.lines[0].unitPrice = Amount(minorUnits: .max)
        let renderer = try await shipped()
        await #expect(throws: RenderError.self) { try await renderer.render(order) }
    }

    @Test func renderingRunsOnItsOwnExecutorAndNotOnTheOneOfItsCaller() async throws {
        let callers = CountingExecutor()
        let own = CountingExecutor()
        let renderer = try await MustacheRenderer.load(
            directory: Self.directory,
            from: "a@example.com",
            replyTo: nil,
            executor: own
        )
        let order = try order(name: "A")
        let before = own.jobs
        let jobsOfTheCaller = try await withTaskExecutorPreference(callers) {
            try await callOffActor { _ = try await renderer.render(order) }
            return callers.jobs
        }
        #expect(own.jobs > before)
        #expect(jobsOfTheCaller > 0)
    }

    @concurrent
    private func callOffActor(_ body: sending () async throws -> Void) async throws { try await body() }

    @Test func theSameFilesHaveTheSameVersionAndOthersAnother() async throws {
        let first = try await shipped().version
        #expect(try await shipped().version == first)
        let changed = try await withTemplates(subject: "Order {{orderId}}") { try await load($0).version }
        #expect(changed.suffix(8) != first.suffix(8))
    }

    @Test func aTagThatNoOrderFillsIsRefusedAtTheStart() async throws {
        await refused(subject: "Order {{orderNumber}}", "{{orderNumber}}")
    }

    @Test(arguments: [
        (
            "{{orderNumber}}",
            "body.txt.mustache, line 1: expected one of currency, customerName, orderId, placedOn, shop"
        ),
        ("a\nb {{name}}", "line 2: expected one of"), ("{{#lines}}\n\n{{price}}{{/lines}}", "line 3: expected one of"),
        ("{{#lines}}{{#severral}}{{typo}}{{/severral}}{{/lines}}", "expected one of several, found {{#severral}}"),
        ("{{#several}}x{{/several}}", "expected one of lines, found {{#several}}"),
        ("{{#total}}x{{/total}}", "expected one of lines, found {{#total}}"), ("{{lines}}", "found {{lines}}"),
        ("{{^lines}}x{{/lines}}", "expected no such section, found {{^lines}}"), ("{{.}}", "found {{.}}"),
        ("{{customer.name}}", "found {{customer.name}}"), ("{{reversed(total)}}", "found {{reversed(total)}}"),
        ("{{>other}}", "expected a value or a section"), ("{{=<% %>=}}<%typo%>", "expected a value or a section"),
        ("{{%CONTENT_TYPE:HTML}}", "expected a value or a section"), ("{{$b}}x{{/b}}", "expected a value or a section"),
        ("{{#lines}}x{{/several}}", "expected the end of the innermost section"), ("x{{/lines}}", "innermost section"),
        ("{{#lines}}\nx", "line 2: expected {{/lines}} before the end"), ("a {{total", "expected }}"),
        ("{{}}", "found {{}}"),
        ("{{ typo }}", "found {{typo}}"), ("{{\ntotal\n}}{{x}}", "line 3"),
    ])
    func aFaultOfATemplateIsReportedWithItsFileAndLine(text: String, expected: String) async {
        await refused(text: text, expected)
    }

    @Test func commentsAndBlanksInTagsAreAllowed() async throws {
        let text = "{{! typo }}{{ total }}{{# lines }}{{^several}}one{{/several}}{{/ lines }}"
        try await withTemplates(subject: "x", text: text) { directory in
            let email = try await load(directory).render(try order(name: "A"))
            #expect(email.text == "$0.15")
        }
    }

    @Test func aFileThatIsNotUTF8IsNamed() async throws {
        try await withTemplates(subject: "x") { directory in
            try Data([0x61, 0xFF]).write(to: URL(filePath: "\(directory)/body.txt.mustache"))
            let error = await #expect(throws: RenderError.self) { try await load(directory) }
            #expect(error?.message.hasSuffix("body.txt.mustache: expected UTF-8") == true)
        }
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

/// Runs its jobs on the global pool and counts them.
private final class CountingExecutor: TaskExecutor {
    private let count = Mutex(0)

    var jobs: Int { count.withLock { $0 } }

    func enqueue(_ job: consuming ExecutorJob) {
        count.withLock { $0 += 1 }
        let job = UnownedJob(job)
        DispatchQueue.global().async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
