/// Why an answer of Cost Explorer was not read.
package struct CostExplorerFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let violations: [JSONViolation]

    package var description: String {
        "Cost Explorer's answer: " + violations.map(\.description).joined(separator: "; ")
    }
}

/// One page of what was paid, by service and usage type.
package struct CostExplorerAnswer: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        package let service: String
        package let usageType: String
        package let cost: Money
    }

    package let lines: [Line]
    /// Whether AWS may still change it.
    package let isEstimated: Bool
    /// Not nil: there is another page, for another cent.
    package let nextPageToken: String?

    /// AWS gives at most so many groups a page; ten times that is taken for a mistake.
    private static let mostGroups = 50_000
    /// Asked by month over at most a year and a half.
    private static let mostPeriods = 20

    package init(json: JSON) throws(CostExplorerFault) {
        var reader = JSONReader()
        let root = JSONField(value: json)
        var lines: [Line] = []
        var isEstimated = false
        for period in reader.array(root["ResultsByTime"], count: 0...Self.mostPeriods) ?? [] {
            isEstimated = isEstimated || period["Estimated"].value?.boolean ?? true
            let groups = reader.array(period["Groups"], count: 0...Self.mostGroups) ?? []
            lines += groups.compactMap { Self.line($0, &reader) }
        }
        guard reader.violations.isEmpty else { throw CostExplorerFault(violations: reader.violations) }
        self.lines = lines
        self.isEstimated = isEstimated
        nextPageToken = json["NextPageToken"]?.text
    }

    private static func line(_ group: JSONField, _ reader: inout JSONReader) -> Line? {
        let cost = group["Metrics"]["UnblendedCost"]
        let unit = cost["Unit"]
        if unit.value != "USD" { reader.refuse(unit, expected: "\"USD\"") }
        let amount = cost["Amount"]
        let money = amount.value?.text.flatMap { Money(billed: $0) }
        if money == nil { reader.refuse(amount, expected: "dollars as a string, like \"0.0000123\" or \"1.2E-7\"") }
        guard let keys = reader.array(group["Keys"], count: 2...2) else { return nil }
        let service = reader.line(keys[0], length: 1...200)
        let usageType = reader.line(keys[1], length: 1...200)
        guard let service, let usageType, let money else { return nil }
        return Line(service: service, usageType: usageType, cost: money)
    }
}

extension Money {
    /// Reads dollars as bills have them, `-12.3456789012` or `1.2E-7`, rounded half away from zero to a micro-dollar. Nil for
    /// anything else.
    package init?(billed text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: "E"), omittingEmptySubsequences: false)
        guard let number = parts.first, parts.count <= 2 else { return nil }
        let isNegative = number.first == UInt8(ascii: "-")
        let digits = number.dropFirst(isNegative ? 1 : 0).split(
            separator: UInt8(ascii: "."),
            omittingEmptySubsequences: false
        )
        let exponent = parts.count == 2 ? Int(String(decoding: Array(parts[1]), as: UTF8.self)) : 0
        guard let exponent, exponent.magnitude <= 40, (1...2).contains(digits.count) else { return nil }
        guard digits.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else { return nil }
        let all = digits.joined()
        // What fits 128 bits with the shift of the largest exponent that a sum of money can have.
        guard all.count <= 30 else { return nil }
        let value = all.reduce(Int128(0)) { $0 * 10 + Int128($1 - 0x30) }
        let shift = 6 + exponent - (digits.count == 2 ? digits[1].count : 0)
        guard let amount = Self.shifted(value, by: shift), let microdollars = Int64(exactly: amount) else { return nil }
        self.init(microdollars: isNegative ? -microdollars : microdollars)
    }

    /// Times ten to the power, rounded half away from zero; nil when it does not fit.
    private static func shifted(_ value: Int128, by power: Int) -> Int128? {
        var factor: Int128 = 1
        for _ in 0..<min(power.magnitude, 36) { factor *= 10 }
        guard power >= 0 else { return roundedHalfAway(value, dividedBy: factor) }
        let (product, isTooLarge) = value.multipliedReportingOverflow(by: factor)
        return isTooLarge ? nil : product
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
