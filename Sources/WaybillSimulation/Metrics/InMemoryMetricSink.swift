import Synchronization
package import WaybillPorts

/// CloudWatch's metrics in memory: adds up what it gets.
package final class InMemoryMetricSink: MetricSink {
    /// What becomes of the next put.
    package enum Fault: Hashable, Sendable {
        /// Nothing is counted.
        case refused
        /// Nothing is counted, and nobody hears of it.
        case requestIsLost
        /// It is counted, and nobody hears of it.
        case answerIsLost
    }

    private struct Series: Hashable {
        let name: String
        let dimensions: Set<Metric.Dimension>
    }

    private struct State {
        var sums: [Series: Double] = [:]
        var puts: [[Metric]] = []
        var faults: [Fault] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// Lets the next puts fail, one each.
    package func fail(_ faults: Fault...) {
        state.withLock { $0.faults += faults }
    }

    /// What was counted of a metric, nil for nothing.
    package func sum(_ name: String, _ dimensions: [Metric.Dimension] = []) -> Double? {
        state.withLock { $0.sums[Series(name: name, dimensions: Set(dimensions))] }
    }

    /// What was put, each call by itself, failed ones too.
    package var puts: [[Metric]] { state.withLock { $0.puts } }

    package func put(_ metrics: [Metric]) throws(MetricError) {
        guard !metrics.isEmpty else { return }
        if let wrong = metrics.first(where: { $0.name.isEmpty }) {
            throw MetricError(.refused, "a metric without a name: \(wrong)")
        }
        let fault = state.withLock { state -> Fault? in
            let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
            state.puts.append(metrics)
            guard fault == nil || fault == .answerIsLost else { return fault }
            for metric in metrics {
                let series = Series(name: metric.name, dimensions: Set(metric.dimensions))
                state.sums[series, default: 0] += metric.sum
            }
            return fault
        }
        switch fault {
        case nil: return
        case .refused: throw MetricError(.refused, "InvalidParameterValue")
        case .requestIsLost, .answerIsLost: throw MetricError(.unknown, "no answer")
        }
    }
}
