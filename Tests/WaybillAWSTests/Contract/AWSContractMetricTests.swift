import Testing
import WaybillAWS
import WaybillConformance
import WaybillCore
import WaybillPorts

/// A metric cannot be deleted: what this leaves in an account costs less than a cent and is gone from lists in two weeks.
@Suite struct AWSContractMetricTests {
    private static let namespace = "WaybillContract"
    /// Metrics appear minutes after they were put.
    private static let mostReads = 60
    private static let pause = Duration.seconds(5)

    @Test(arguments: MetricSinkConformance.cases)
    func whatIsPutIsAddedUp(to demand: MetricSinkConformance.Case) async throws {
        try await AWSContractEndpoint.run(.metricsAddUp) { endpoint in
            let subject = MetricSinkSubject(
                sink: endpoint.services.metrics(namespace: Self.namespace),
                dimension: Metric.Dimension("Run", LocalAWS.name("run")),
                sum: { name, dimensions, samples in
                    for _ in 1...Self.mostReads {
                        let read = try await Self.read(name, dimensions, endpoint)
                        if read.samples >= samples { return read.samples == 0 ? nil : read.sum }
                        try await endpoint.environment.sleep(for: Self.pause)
                    }
                    return nil
                }
            )
            try await demand.check(subject)
        }
    }

    /// Sum and number of puts of the last hour.
    private static func read(
        _ name: String,
        _ dimensions: [Metric.Dimension],
        _ endpoint: AWSContractEndpoint
    ) async throws -> (sum: Double, samples: Int) {
        let now = endpoint.environment.wallNow()
        var parameters = [
            (name: "Namespace", value: namespace), ("MetricName", name), ("Period", "3600"),
            ("StartTime", (now + .seconds(-3600)).rfc3339), ("EndTime", (now + .seconds(3600)).rfc3339),
            ("Statistics.member.1", "Sum"), ("Statistics.member.2", "SampleCount"),
        ]
        for (index, dimension) in dimensions.enumerated() {
            parameters.append(("Dimensions.member.\(index + 1).Name", dimension.name))
            parameters.append(("Dimensions.member.\(index + 1).Value", dimension.value))
        }
        let request = AWSRequest.query("GetMetricStatistics", version: "2010-08-01", parameters)
        let result = try await endpoint.call(.cloudwatch, request).xml()["GetMetricStatisticsResult"]
        var read = (sum: 0.0, samples: 0)
        for point in result?["Datapoints"]?.memberElements ?? [] {
            read.sum += Double(point["Sum"]?.text ?? "") ?? 0
            read.samples += Int(Double(point["SampleCount"]?.text ?? "") ?? 0)
        }
        return read
    }
}
