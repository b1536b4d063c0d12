import WaybillAWS
import WaybillCore
import WaybillPorts
import WaybillPostgres

extension Connections {
    /// How a month is priced: by this command's settings, and where they leave the plan to SES by what the leader last saw.
    func pricing(of month: BillingMonth, today: BillingDay) async throws -> MonthPricing {
        guard let choices = settings.costs else {
            throw SettingsError(.costs, "on: costs are reckoned from what workers count then")
        }
        let known = try await costs.status()?.plan
        guard let plan = choices.plan ?? known else {
            throw SettingsError(.sesPlan, "a plan: no leader has asked SES's GetAccount for it yet")
        }
        return MonthPricing(
            month: month,
            book: try choices.books().book(region: aws.configuration.region, on: min(today, month.last)),
            plan: plan,
            freeTier: choices.freeTier
        )
    }

    /// What was used in these hours, by meter.
    func usage(_ hours: Range<BillingHour>) async throws -> [Meter: Int64] {
        var usage: [Meter: Int64] = [:]
        for use in try await costs.resources(hours) {
            usage[try Meter(named: use.meter), default: 0] += use.thousandths
        }
        return usage
    }
}
