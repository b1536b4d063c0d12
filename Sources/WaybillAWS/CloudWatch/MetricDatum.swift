import WaybillPorts

/// One metric as the parameters of PutMetricData (CloudWatch API, `MetricDatum`). Without a time: CloudWatch takes that of
/// the request's arrival.
struct MetricDatum {
    /// What a request needs beside its metrics: action, version, and a namespace of at most 255 characters, percent-encoded.
    static let frameBytes = 1000
    /// Names and values of a metric: 1 to 255 characters; a dimension's value up to 1,024; at most 30 dimensions.
    private static let longestName = 255
    private static let longestValue = 1024
    private static let mostDimensions = 30
    /// The largest number that CloudWatch takes is 2^360.
    private static let largest = Double(sign: .plus, exponent: 360, significand: 1)

    private let parts: [(name: String, value: String)]

    /// Refuses what CloudWatch would refuse, so that one wrong metric is told by its name.
    init(_ metric: Metric) throws(MetricError) {
        try Self.check(metric.name, "the name of a metric", upTo: Self.longestName)
        guard metric.dimensions.count <= Self.mostDimensions else {
            throw MetricError(.refused, "\(metric.name): at most \(Self.mostDimensions) dimensions")
        }
        var parts = [(name: "MetricName", value: metric.name), (name: "Unit", value: metric.unit.rawValue)]
        for (index, dimension) in metric.dimensions.enumerated() {
            try Self.check(dimension.name, "\(metric.name): the name of a dimension", upTo: Self.longestName)
            try Self.check(dimension.value, "\(metric.name): \(dimension.name)", upTo: Self.longestValue)
            parts.append(("Dimensions.member.\(index + 1).Name", dimension.name))
            parts.append(("Dimensions.member.\(index + 1).Value", dimension.value))
        }
        for (name, number) in Self.numbers(metric.value) {
            guard number.magnitude <= Self.largest else {
                throw MetricError(.refused, "\(metric.name): \(name) must be a number of up to 2^360, found \(number)")
            }
            parts.append((name, Self.text(number)))
        }
        self.parts = parts
    }

    func parameters(number: Int) -> [(name: String, value: String)] {
        parts.map { ("MetricData.member.\(number).\($0.name)", $0.value) }
    }

    /// No more than it takes in a request's body, whatever its number is there.
    var mostBytes: Int {
        let encoded = parameters(number: CloudWatchMetricSink.mostMetrics).map {
            "&\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
        }
        return encoded.reduce(0) { $0 + $1.utf8.count }
    }

    private static func numbers(_ value: Metric.Value) -> [(name: String, number: Double)] {
        switch value {
        case .single(let number): [("Value", number)]
        case .statistics(let set):
            [
                ("StatisticValues.SampleCount", set.count), ("StatisticValues.Sum", set.sum),
                ("StatisticValues.Minimum", set.minimum), ("StatisticValues.Maximum", set.maximum),
            ]
        }
    }

    /// A whole number without a fraction, as people write it.
    private static func text(_ number: Double) -> String {
        Int64(exactly: number).map { String($0) } ?? String(number)
    }

    private static func check(_ text: String, _ what: String, upTo most: Int) throws(MetricError) {
        guard (1...most).contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            text.utf8.contains(where: { $0 != 0x20 }), !text.hasPrefix(":")
        else {
            throw MetricError(.refused, "\(what) must be 1 to \(most) printable ASCII characters, found \"\(text)\"")
        }
    }
}
