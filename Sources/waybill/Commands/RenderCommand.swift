import ArgumentParser
import Foundation
import WaybillCore
import WaybillPorts
import WaybillTemplates

struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Check one order and show the email it would become.",
        discussion: """
            Reads one order (JSON), names everything that is wrong with it at once, and
            renders it with the templates of its brand and language. Nothing is sent, and no
            server is needed.

            EXAMPLES
              waybill render order.json                   headers and text body
              waybill render order.json --html mail.html  the HTML body, for a browser
              waybill render order.json --text            the text body, nothing else
              head -1 orders.jsonl | waybill render -     the first order of a file

            Ends with 1 when the order is not valid or cannot be rendered.
            """
    )

    /// More than an order may have, so that one that is too large is told so by its validation.
    private static let mostBytes = 4 << 20

    @Argument(help: "A file with one order as JSON; - for standard input.")
    var file: String

    @Option(help: ArgumentHelp("Write the HTML body to this file; - for standard output.", valueName: "file"))
    var html: String?

    @Flag(help: "Print the text body and nothing else.")
    var text = false

    @Flag(help: "Print one JSON object: valid, violations, email.")
    var json = false

    func validate() throws {
        let wantOutput = [text, json, html == "-"].count { $0 }
        guard wantOutput < 2 else {
            throw ValidationError("--text, --json and --html - all want standard output: name one of them.")
        }
    }

    func run() async throws {
        let console = Console.system
        let bytes = try await FileInput(path: file).readAll(limit: Self.mostBytes)
        let settings = try await WaybillSettings.load()
        let renderer = try await Self.renderer(settings)
        let result = await RenderResult(bytes, with: renderer, brands: renderer.brands)
        try write(result, console)
        guard result.faults.isEmpty else {
            for fault in result.faults { console.fail(fault) }
            throw ExitCode(CommandExit.failed.rawValue)
        }
    }

    private static func renderer(_ settings: WaybillSettings) async throws -> BrandRenderer {
        do {
            return try await settings.renderer()
        } catch let error as RenderError {
            throw CommandFailure(.usage, error.description)
        }
    }

    private func write(_ result: RenderResult, _ console: Console) throws {
        if json { console.show([result.json.description]) }
        guard case .rendered(_, let email) = result else { return }
        switch html {
        case nil: break
        case "-": print(email.html, terminator: "")
        case let path?: try email.html.write(toFile: path, atomically: true, encoding: .utf8)
        }
        if text { return print(email.text, terminator: "") }
        if !json, html == nil { console.show(result.lines(console.palette)) }
    }
}
