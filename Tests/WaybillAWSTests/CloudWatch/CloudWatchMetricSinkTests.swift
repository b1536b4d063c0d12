import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct CloudWatchMetricSinkTests {
    private static let answer = Result<HTTPResponse, HTTPError>.answer(200, "<PutMetricDataResponse/>")
    private static let dimensions = [Metric.Dimension("Environment", "local")]

    private func sink(_ fixture: AWSFixture) -> CloudWatchMetricSink {
        CloudWatchMetricSink(context: fixture.context, namespace: "Waybill")
    }

    private func metrics(_ count: Int, value: String = "x") -> [Metric] {
        (0..<count).map { Metric("M\($0)", .single(1), .count, dimensions: [Metric.Dimension("Environment", value)]) }
    }

    @Test func metricsGoOutInOneFormThatIsSignedForMonitoring() async throws {
        let fixture = AWSFixture(Self.answer)
        let set = try #require(StatisticSet(count: 2, sum: 0.75, minimum: 0.25, maximum: 0.5))
        try await sink(fixture).put([
            Metric("Sent", .single(12), .count, dimensions: Self.dimensions),
            Metric("Latency", .statistics(set), .seconds),
        ])
        let sent = try #require(fixture.transport.requests.first)
        #expect(sent.url == "https://monitoring.eu-central-1.amazonaws.com/")
        #expect(sent.header("Authorization")?.contains("/eu-central-1/monitoring/aws4_request") == true)
        let expected = [
            "Action=PutMetricData", "Version=2010-08-01", "Namespace=Waybill", "MetricData.member.1.MetricName=Sent",
            "MetricData.member.1.Unit=Count", "MetricData.member.1.Dimensions.member.1.Name=Environment",
            "MetricData.member.1.Dimensions.member.1.Value=local", "MetricData.member.1.Value=12",
            "MetricData.member.2.MetricName=Latency", "MetricData.member.2.Unit=Seconds",
            "MetricData.member.2.StatisticValues.SampleCount=2", "MetricData.member.2.StatisticValues.Sum=0.75",
            "MetricData.member.2.StatisticValues.Minimum=0.25", "MetricData.member.2.StatisticValues.Maximum=0.5",
        ]
        #expect(sent.text == expected.joined(separator: "&"))
        #expect(fixture.usage.reported == [Usage(.cloudWatchRequests, of: "Waybill", thousandths: 1000)])
    }

    @Test func aThousandMetricsGoInOneRequestAndOneMoreInTwo() async throws {
        for (count, sizes) in [(1000, [1000]), (1001, [1000, 1]), (0, [])] {
            let fixture = AWSFixture(Self.answer, Self.answer)
            try await sink(fixture).put(metrics(count))
            #expect(fixture.transport.requests.map { $0.text.components(of: ".MetricName=") } == sizes)
            #expect(fixture.usage[.cloudWatchRequests] == sizes.map { _ in 1000 })
        }
    }

    /// A space becomes three bytes in a form: the limit is of what is sent.
    @Test func noRequestIsLargerThanAMegabyteAndNoneIsSentTwice() async throws {
        let fixture = AWSFixture(Self.answer, Self.answer, Self.answer, Self.answer)
        try await sink(fixture).put(metrics(900, value: "a" + String(repeating: " ", count: 1000) + "b"))
        let requests = fixture.transport.requests
        #expect(requests.count == 3)
        #expect(requests.allSatisfy { $0.body.count <= CloudWatchMetricSink.largestBytes })
        #expect(requests.map { $0.text.components(of: ".MetricName=") }.reduce(0, +) == 900)
        #expect(requests[0].body.count > CloudWatchMetricSink.largestBytes * 9 / 10, "requests are filled")
    }

    @Test func aFailureSaysHowManyWereTakenAndWhetherTheRestMayBePutAgain() async {
        let refusal = Result<HTTPResponse, HTTPError>.answer(
            400,
            "<ErrorResponse><Error><Code>InvalidParameterValue</Code><Message>no</Message></Error></ErrorResponse>"
        )
        let rows: [(Result<HTTPResponse, HTTPError>, MetricError.Code)] = [
            (refusal, .refused), (.lost(.timeout, .maybeSent), .unknown), (.answer(500, "", requestID: nil), .unknown),
            (.lost(.connect, .notSent), .refused),
        ]
        for (failure, code) in rows {
            let fixture = AWSFixture(Self.answer, failure, failure, failure)
            let error = await #expect(throws: MetricError.self) { try await sink(fixture).put(metrics(1500)) }
            #expect(error?.code == code)
            #expect(error?.taken == 1000)
            // Only what was never sent is tried again.
            let isRepeated = code == .refused && fixture.usage[.cloudWatchRequests].count == 1
            #expect(fixture.transport.requests.count == (isRepeated ? 4 : 2), "\(failure)")
        }
    }

    @Test(arguments: [
        Metric("", .single(1), .count), Metric("é", .single(1), .count), Metric("A", .single(.nan), .count),
        Metric("A", .single(.infinity), .count), Metric(String(repeating: "x", count: 256), .single(1), .count),
        Metric("A", .single(1), .count, dimensions: [Metric.Dimension("Environment", "")]),
        Metric("A", .single(1), .count, dimensions: [Metric.Dimension(":Environment", "x")]),
        Metric("A", .single(1), .count, dimensions: (0...30).map { Metric.Dimension("D\($0)", "x") }),
    ])
    func whatCloudWatchWouldRefuseIsRefusedByItsNameAndNothingIsSent(_ metric: Metric) async {
        let fixture = AWSFixture()
        let error = await #expect(throws: MetricError.self) { try await sink(fixture).put(metrics(2) + [metric]) }
        #expect(error?.code == .refused)
        #expect(error?.taken == 0)
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test func statisticsOfNothingAreNone() {
        #expect(StatisticSet(count: 0, sum: 0, minimum: 0, maximum: 0) == nil)
        #expect(StatisticSet(count: 1, sum: 1, minimum: 2, maximum: 1) == nil)
        #expect(StatisticSet(count: 1, sum: .nan, minimum: 1, maximum: 1) == nil)
    }
}

extension String {
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
