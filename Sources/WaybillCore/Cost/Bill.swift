/// What a month's use costs, line by line.
package struct Bill: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        package let meter: Meter
        package let thousandths: Int64
        package let cost: Money
        package let evidence: Rate.Evidence
    }

    package let month: BillingMonth
    package let region: String
    package let pricesAsOf: BillingDay
    /// In the order of ``Meter``; no line for what was not used.
    package let lines: [Line]
    package let emails: Int64

    package var total: Money { lines.map(\.cost).sum }
    package var fixed: Money { cost(of: .fixed) }
    package var variable: Money { cost(of: .variable) }

    /// Nil without emails. The whole, so it falls when more is sent.
    package var perThousandEmails: Money? { total.per(1000, of: emails) }
    /// What another thousand would add. Nil without emails.
    package var variablePerThousandEmails: Money? { variable.per(1000, of: emails) }

    /// The services that were used, in the order of ``Meter/Service``.
    package var services: [(service: Meter.Service, cost: Money)] {
        Meter.Service.allCases.compactMap { service in
            let own = lines.filter { $0.meter.definition.service == service }
            return own.isEmpty ? nil : (service, own.map(\.cost).sum)
        }
    }

    /// The meters whose price nobody looked up: whoever shows the bill names them.
    package var unverified: [Meter] { lines.filter { $0.evidence == .memory }.map(\.meter) }

    private func cost(of nature: Meter.Nature) -> Money {
        lines.filter { $0.meter.definition.nature == nature }.map(\.cost).sum
    }
}
