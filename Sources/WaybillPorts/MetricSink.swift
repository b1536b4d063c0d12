/// Where the numbers of a minute go: CloudWatch.
package protocol MetricSink: Sendable {
    /// Puts all of them, in as few requests as the service's limits allow; nothing to put is no request.
    /// An error says how many, from the first on, were taken.
    func put(_ metrics: [Metric]) async throws(MetricError)
}

/// One number, or several together, of one metric. Name and dimensions are the metric's identity, and each is billed: they
/// must come from a list that the code knows.
package struct Metric: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case single(Double)
        case statistics(StatisticSet)
    }

    /// The units of CloudWatch that are used here.
    package enum Unit: String, CaseIterable, Hashable, Sendable {
        case count = "Count"
        case seconds = "Seconds"
        case percent = "Percent"
        /// No unit: dollars.
        case none = "None"
    }

    package struct Dimension: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var name: String
    package var value: Value
    package var unit: Unit
    package var dimensions: [Dimension]

    package init(_ name: String, _ value: Value, _ unit: Unit, dimensions: [Dimension] = []) {
        self.name = name
        self.value = value
        self.unit = unit
        self.dimensions = dimensions
    }

    /// What the service adds to the metric's sum.
    package var sum: Double {
        switch value {
        case .single(let value): value
        case .statistics(let set): set.sum
        }
    }
}

/// Several numbers of one metric, without the numbers.
package struct StatisticSet: Hashable, Sendable {
    package let count: Double
    package let sum: Double
    package let minimum: Double
    package let maximum: Double

    /// Nil when they are of no numbers: a count below one, or an order that cannot be.
    package init?(count: Int, sum: Double, minimum: Double, maximum: Double) {
        guard count > 0, minimum <= maximum, sum.isFinite, minimum.isFinite, maximum.isFinite else { return nil }
        self.count = Double(count)
        self.sum = sum
        self.minimum = minimum
        self.maximum = maximum
    }
}

package struct MetricError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// Not one of those that were not taken has been counted: they may be put again.
        case refused
        /// The next request may have been counted or not; those after it were not sent.
        case unknown
    }

    package let code: Code
    package let message: String
    /// How many of the metrics were taken, from the first on.
    package let taken: Int

    package init(_ code: Code, _ message: String, taken: Int = 0) {
        self.code = code
        self.message = message
        self.taken = taken
    }

    package var description: String { "metrics \(code.rawValue): \(message)" }
}
