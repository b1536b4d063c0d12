import WaybillCore
import WaybillPorts

/// CloudWatch as a process of a metered world sees it: it counts requests and keeps no numbers.
struct WiredMetricSink: MetricSink {
    private static let namespace = "Waybill"

    let link: ServiceLink
    let book: ServiceBook

    func put(_ metrics: [Metric]) async throws(MetricError) {
        let book = book
        try await link.call(
            { () throws(MetricError) in book.did(.putMetricData, of: Self.namespace, 1) },
            used: { _ in [.request(.cloudWatchRequests, of: Self.namespace, chunk: nil)] }
        ) { fault in
            switch fault {
            case .notReached: MetricError(.refused, "simulated: no connection")
            case .unanswered, .cancelled: MetricError(.unknown, "simulated: no answer")
            }
        }
    }
}

/// The topic of cost alerts as a process of a metered world sees it.
struct WiredAlertTopic: AlertTopic {
    private static let topic = "cost-alerts"

    let link: ServiceLink
    let book: ServiceBook

    func tell(_ text: String) async -> String? {
        let book = book
        do throws(WireFault) {
            // An alert is short: one request.
            try await link.call(
                { () throws(WireFault) in book.did(.publish, of: Self.topic, 1) },
                used: { _ in [.request(.snsRequests, of: Self.topic, bytes: text.utf8.count)] },
                fault: { $0 }
            )
            return nil
        } catch {
            return "simulated: \(error)"
        }
    }
}
