import Testing
import WaybillConformance
import WaybillPorts
import WaybillSimulation

@Suite struct InMemoryMetricSinkTests {
    @Test(arguments: MetricSinkConformance.cases)
    func conforms(to demand: MetricSinkConformance.Case) async throws {
        let sink = InMemoryMetricSink()
        let subject = MetricSinkSubject(
            sink: sink,
            dimension: Metric.Dimension("Environment", "test"),
            sum: { name, dimensions, _ in sink.sum(name, dimensions) }
        )
        try await demand.check(subject)
    }

    @Test(arguments: [
        (InMemoryMetricSink.Fault.refused, MetricError.Code.refused, nil), (.requestIsLost, .unknown, nil),
        (.answerIsLost, .unknown, 1.0),
    ])
    func aFaultStrikesOnceAndSaysWhatIsKnown(
        fault: InMemoryMetricSink.Fault,
        code: MetricError.Code,
        counted: Double?
    ) throws {
        let sink = InMemoryMetricSink()
        sink.fail(fault)
        let error = #expect(throws: MetricError.self) { try sink.put([Metric("A", .single(1), .count)]) }
        #expect(error?.code == code)
        #expect(sink.sum("A") == counted)
        try sink.put([Metric("A", .single(1), .count)])
        #expect(sink.sum("A") == (counted ?? 0) + 1)
    }
}
