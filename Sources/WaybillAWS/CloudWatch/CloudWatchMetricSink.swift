import WaybillCore
package import WaybillPorts

/// CloudWatch PutMetricData, in the Query protocol: the oldest of the three that CloudWatch speaks, and the one that every
/// endpoint of it understands. Each request is billed as one, whatever it holds.
///
/// A request is never repeated here after a lost answer, because CloudWatch adds up whatever it gets: the caller decides.
package struct CloudWatchMetricSink: MetricSink {
    /// A request holds at most 1,000 metrics and 1 MB (CloudWatch API, PutMetricData).
    package static let mostMetrics = 1000
    package static let largestBytes = 1_000_000

    private let client: AWSClient
    private let namespace: String

    package init(context: AWSContext, namespace: String) {
        client = AWSClient(.cloudwatch, context: context)
        self.namespace = namespace
    }

    package func put(_ metrics: [Metric]) async throws(MetricError) {
        let data = try metrics.map { metric throws(MetricError) in try MetricDatum(metric) }
        var taken = 0
        for batch in Self.batches(data) {
            try await send(batch, taken: taken)
            taken += batch.count
        }
    }

    /// In order, each within both limits.
    private static func batches(_ data: [MetricDatum]) -> [[MetricDatum]] {
        var batches: [[MetricDatum]] = []
        var bytes = 0
        for datum in data {
            if batches.isEmpty || batches[batches.count - 1].count == mostMetrics
                || bytes + datum.mostBytes > largestBytes - MetricDatum.frameBytes
            {
                batches.append([])
                bytes = 0
            }
            batches[batches.count - 1].append(datum)
            bytes += datum.mostBytes
        }
        return batches
    }

    private func send(_ batch: [MetricDatum], taken: Int) async throws(MetricError) {
        var parameters = [(name: "Namespace", value: namespace)]
        for (index, datum) in batch.enumerated() { parameters += datum.parameters(number: index + 1) }
        let request = AWSRequest.query("PutMetricData", version: "2010-08-01", parameters).with {
            $0.charge = RequestCharge(.cloudWatchRequests, of: namespace, chunk: nil)
            $0.retry = .unlessUnanswered
        }
        do throws(AWSError) {
            _ = try await client.call(request)
        } catch {
            throw MetricError(error, taken: taken)
        }
    }
}

extension MetricError {
    fileprivate init(_ error: AWSError, taken: Int) {
        let code: Code =
            switch error.code {
            case .configuration, .credentials, .notSent, .refused: .refused
            case .unanswered: .unknown
            case .cancelled: error.exposure == .notSent ? .refused : .unknown
            }
        self.init(code, error.description, taken: taken)
    }
}
