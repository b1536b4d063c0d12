import Testing
import WaybillCore
import WaybillPorts

@testable import waybill

@Suite struct CostReportTests {
    /// 2026-11-12, 10:00 UTC.
    private static let hour = BillingHour(Timestamp(seconds: 1_794_477_600))
    private static let month = hour.day.month

    private static func cost(_ hours: Int, _ meter: Meter, _ thousandths: Int64, _ microdollars: Int64) -> HourCost {
        let cost = Money(microdollars: microdollars)
        return HourCost(hour: hour.advanced(by: hours), meter: meter, thousandths: thousandths, cost: cost)
    }

    private static let costs = [
        cost(0, .sesRecipients, 2_000_000, 320_000), cost(1, .sesRecipients, 500_000, 80_000),
        cost(1, .kmsKeyHours, 1500, 2083), cost(24, .sesRecipients, 1_000_000, 160_000),
    ]

    private func report(status: CostStatus? = nil, alerts: [RaisedAlert] = [], trouble: String? = nil) -> CostReport {
        CostReport(
            month: Self.month,
            costs: Self.costs,
            pricesAsOf: Self.hour.day,
            status: status,
            alerts: alerts,
            trouble: trouble
        )
    }

    private static let status = CostStatus(
        at: hour.start,
        month: month,
        toDate: Money(microdollars: 562_083),
        fixed: Money(microdollars: 2083),
        emails: 3500,
        forecast: Money(dollars: 2),
        forecastLow: Money(dollars: 1),
        forecastHigh: Money(dollars: 3),
        method: "a guess",
        errorPercent: 7.25,
        budget: Money(dollars: 1),
        region: "us-east-1",
        plan: .essentials,
        pricesAsOf: hour.day,
        unverified: ["kms.key-hours"]
    )

    @Test func sumsAreByMeterAndByDay() {
        let report = report()
        #expect(report.total == Money(microdollars: 562_083))
        #expect(report.fixed == Money(microdollars: 2083))
        #expect(report.emails == 3500)
        #expect(report.lines.map(\.meter) == [.sesRecipients, .kmsKeyHours])
        #expect(report.lines.map(\.thousandths) == [3_500_000, 1500])
        #expect(report.days.map(\.cost.microdollars) == [400_000, 2083, 160_000])
    }

    @Test func programsGetEveryKeyAndExactDollars() {
        let json = report(status: Self.status, trouble: "no price").json
        #expect(json["dollars"]?.text == "0.562083")
        #expect(json["perThousand"]?.text == "0.160595")
        #expect(json["forecast"]?["high"]?.text == "3.000000")
        #expect(json["forecast"]?["errorPercent"]?.text == "7.3")
        #expect(json["pricesAsOf"]?.text == "2026-11-12")
        #expect(json["trouble"]?.text == "no price")
        #expect(report().json["forecast"] == .null)
        #expect(report().json["plan"] == .null)
    }

    @Test func csvHasARowADayAndMeter() {
        let rows = report().csv.split(separator: "\r\n")
        #expect(rows.count == 4)
        #expect(rows[1] == "2026-11-12,SES,ses.recipients,variable,2500000,recipient,0.400000,2026-11-12")
        #expect(rows[2] == "2026-11-12,KMS,kms.key-hours,fixed,1500,key-hour,0.002083,2026-11-12")
    }

    @Test func peopleSeeSumsChartAlertsAndWhatNobodyLookedUp() {
        let alert = BudgetAlert(
            month: Self.month,
            threshold: .actual50,
            amount: Money(microdollars: 510_000),
            limit: Money(dollars: 1)
        )
        let raised = RaisedAlert(alert: alert, raisedAt: Self.hour.start, toldAt: nil)
        let lines = CostText(report: report(status: Self.status, alerts: [raised], trouble: "no price")).lines(.plain)
        let text = lines.joined(separator: "\n")
        for part in [
            "no price", "2026-11, us-east-1, SES plan essentials, list prices as of 2026-11-12",
            "$0.56  (fixed $0.002083, variable $0.56)", "$2.00  ($1.00 to $3.00; a guess)", "7.3 % on average",
            "$1.00, 56.2 % used", "3500, $0.16 a thousand", "the prices of kms.key-hours", "actual-50",
            "2026-11-13  $0.16  ###############",
        ] { #expect(text.contains(part), "\(part)") }
    }

    @Test func aStatusOfAnotherMonthIsNotThisOnes() {
        var other = Self.status
        other.month = Self.month.previous
        #expect(report(status: other).status == nil)
        let nothing = CostReport(
            month: Self.month,
            costs: [],
            pricesAsOf: nil,
            status: nil,
            alerts: [],
            trouble: "no plan"
        )
        let lines = CostText(report: nothing).lines(.plain)
        #expect(lines.first == "Costs cannot be reckoned now: no plan")
        #expect(lines.last == "Nothing was priced in 2026-11.")
    }

    @Test func unitsKeepTheirThousandths() {
        #expect(CostText.units(1_000) == "1")
        #expect(CostText.units(1_050) == "1.050")
        #expect(CostText.units(7) == "0.007")
        #expect(CostText.percent(12.34) == "12.3")
    }
}
