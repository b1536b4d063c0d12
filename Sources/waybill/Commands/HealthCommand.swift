import ArgumentParser
import WaybillHTTP
import WaybillPorts
import WaybillReactor

/// Asks the worker beside it: a container's HEALTHCHECK needs no other program, and no shell.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask the worker on this machine, or in this container, whether it works.",
        discussion: """
            Asks /readyz, which says whether the worker holds a lease that it trusts, at
            WAYBILL_HTTP_HOST and WAYBILL_HTTP_PORT. Exits 0 when it does, 1 when it does
            not, 4 when nobody answers. For a container's HEALTHCHECK.

            EXAMPLES
              waybill health
              waybill health --live
            """
    )

    /// A worker that takes longer is not well; shorter than the usual time limit of a health check.
    private static let patience = Duration.seconds(2)

    @Flag(help: "Ask /livez instead: whether the process answers.")
    var live = false

    func run() async throws {
        let reader = try await SettingsReader.make()
        let port = try reader.integer(.httpPort, 0...65_535)
        guard port > 0 else { throw SettingsError(.httpPort, "a port: with 0 a worker answers nobody") }
        let url = Self.url(host: try reader.text(.httpHost), port: port, live: live)
        let transport = HTTPEngine(reactor: try Reactor())
        let answer = await Self.ask(url, transport)
        await transport.shutdown()
        let response = try answer.get()
        guard response.status == 200 else {
            let said = String(decoding: response.body.prefix(200), as: UTF8.self).split(separator: "\n").first ?? ""
            throw CommandFailure(.failed, "\(url): \(response.status) \(TerminalText.printable(String(said)))")
        }
    }

    /// A worker that listens on every address is asked on this machine's own.
    static func url(host: String, port: Int, live: Bool) -> String {
        "http://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(port)/\(live ? "livez" : "readyz")"
    }

    private static func ask(_ url: String, _ transport: HTTPEngine) async -> Result<HTTPResponse, CommandFailure> {
        let request = HTTPRequest(method: "GET", url: url, connectTimeout: patience, totalTimeout: patience)
        do {
            return .success(try await transport.execute(request))
        } catch {
            return .failure(CommandFailure(.unreachable, "\(url): \(error)"))
        }
    }
}
