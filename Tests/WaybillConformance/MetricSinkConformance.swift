import Testing
package import WaybillPorts

/// A sink of metrics for one case, and what the service has counted.
package struct MetricSinkSubject: Sendable {
    package let sink: any MetricSink
    /// What no other case has, so that its metrics are its own.
    package let dimension: Metric.Dimension
    /// What the service added up of a metric with these dimensions, nil for nothing. It may take its time: it waits until
    /// so many puts of it are seen.
    package let sum: @Sendable (String, [Metric.Dimension], _ samples: Int) async throws -> Double?

    package init(
        sink: any MetricSink,
        dimension: Metric.Dimension,
        sum: @escaping @Sendable (String, [Metric.Dimension], _ samples: Int) async throws -> Double?
    ) {
        self.sink = sink
        self.dimension = dimension
        self.sum = sum
    }

    fileprivate func metric(_ name: String, _ value: Metric.Value) -> Metric {
        Metric(name, value, .count, dimensions: [dimension])
    }

    fileprivate func expect(_ sum: Double, of name: String, samples: Int) async throws {
        #expect(try await self.sum(name, [dimension], samples) == sum)
    }
}

/// What every sink of metrics must do: add up, and never half-heartedly.
package enum MetricSinkConformance {
    package typealias Case = ConformanceCase<MetricSinkSubject>

    package static let cases: [Case] = [
        Case("What is put again is added to it") { subject async throws in
            try await subject.sink.put([subject.metric("Sent", .single(2)), subject.metric("Delivered", .single(1))])
            try await subject.sink.put([subject.metric("Sent", .single(3.5))])
            try await subject.expect(5.5, of: "Sent", samples: 2)
            try await subject.expect(1, of: "Delivered", samples: 1)
        },
        Case("A set of statistics counts with its sum") { subject async throws in
            let set = try #require(StatisticSet(count: 3, sum: 9, minimum: 1, maximum: 5))
            try await subject.sink.put([subject.metric("Latency", .statistics(set))])
            try await subject.expect(9, of: "Latency", samples: 1)
        },
        Case("Other dimensions are another metric") { subject async throws in
            let more = [subject.dimension, Metric.Dimension("Kind", "other")]
            try await subject.sink.put([
                subject.metric("Sent", .single(1)), Metric("Sent", .single(10), .count, dimensions: more),
            ])
            try await subject.expect(1, of: "Sent", samples: 1)
            #expect(try await subject.sum("Sent", more, 1) == 10)
        },
        Case("Nothing is put when there is nothing") { subject async throws in
            try await subject.sink.put([])
        },
        Case("A metric without a name is refused with all beside it") { subject async throws in
            let error = await #expect(throws: MetricError.self) {
                try await subject.sink.put([subject.metric("Beside", .single(1)), subject.metric("", .single(1))])
            }
            #expect(error?.code == .refused)
            #expect(error?.taken == 0)
            // What is put after it would come to light after it.
            try await subject.sink.put([subject.metric("Afterwards", .single(1))])
            try await subject.expect(1, of: "Afterwards", samples: 1)
            #expect(try await subject.sum("Beside", [subject.dimension], 0) == nil)
        },
    ]
}
