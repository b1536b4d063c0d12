import FlyingFox
import FlyingSocks
import Foundation
import Logging
import ServiceLifecycle
import WaybillCluster
import WaybillCore
import WaybillPorts

/// `/livez`: the process answers. `/readyz`: it holds a lease it trusts. `/metrics`: Prometheus text. `/`: for people.
struct HealthServer: Service {
    let host: String
    let port: Int
    let board: LeaseBoard
    let telemetry: TelemetryActor
    let cost: CostActor
    let gauge: DemandGauge
    let environment: any Environment
    let logger: Logger

    func run() async throws {
        let address = try sockaddr_in.inet(ip4: host, port: UInt16(port))
        let server = HTTPServer(address: address, timeout: 5, logger: .disabled)
        await server.appendRoute("GET /livez") { _ in FlyingFox.HTTPResponse(statusCode: .ok, body: Data("ok\n".utf8)) }
        await server.appendRoute("GET /readyz") { _ in ready() }
        await server.appendRoute("GET /metrics") { _ in
            FlyingFox.HTTPResponse(statusCode: .ok, body: Data(await metrics().utf8))
        }
        await server.appendRoute("GET /") { _ in FlyingFox.HTTPResponse(statusCode: .ok, body: Data(await page().utf8))
        }
        do {
            try await cancelWhenGracefulShutdown { try await server.run() }
        } catch {
            // A server that is told to end does so with an error; any other end takes the worker down with it.
            guard Task.isShuttingDownGracefully || Task.isCancelled else { throw error }
        }
    }

    private func ready() -> FlyingFox.HTTPResponse {
        guard let worker = board.trusted(now: environment.monotonicNow()) else {
            return FlyingFox.HTTPResponse(statusCode: .serviceUnavailable, body: Data("no lease\n".utf8))
        }
        return FlyingFox.HTTPResponse(statusCode: .ok, body: Data("ready as \(worker)\n".utf8))
    }

    private func metrics() async -> String {
        let totals = await telemetry.currentTotals()
        var text = "# TYPE waybill_outcomes_total counter\n"
        for outcome in Outcome.allCases {
            text += "waybill_outcomes_total{outcome=\"\(outcome.rawValue)\"} \(totals[outcome] ?? 0)\n"
        }
        text += "# TYPE waybill_usage_thousandths_total counter\n"
        for (key, thousandths) in await cost.currentTotals().sorted(by: { $0.key < $1.key }) {
            let labels = "meter=\"\(key.name)\",resource=\"\(key.resource)\""
            text += "waybill_usage_thousandths_total{\(labels)} \(thousandths)\n"
        }
        if let demand = await gauge.demand() {
            text += "# TYPE waybill_wanted_workers gauge\nwaybill_wanted_workers \(demand.workers)\n"
        }
        return text
    }

    private func page() async -> String {
        let lease = board.trusted(now: environment.monotonicNow()).map { "\($0)" } ?? "none"
        let totals = await telemetry.currentTotals()
        let rows = totals.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue)  \($0.value)" }
        return "Waybill worker\nlease  \(lease)\n\n\(rows.joined(separator: "\n"))\n"
    }
}
