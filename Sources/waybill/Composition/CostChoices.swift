import Foundation
import WaybillCluster
import WaybillCore

/// What an operator sets about costs.
struct CostChoices: Hashable, Sendable {
    var prices: String
    /// Nil for what SES says.
    var plan: SESPlan?
    var freeTier: Rate.FreeTier
    var budget: Money?
    /// Thousandths of each meter's unit that are there all the time.
    var schedule: [Meter: Int64]

    /// `metrics` are those that the cluster may put to CloudWatch. A plan is there in every hour, and those without a fee have
    /// it for nothing; both stand back behind what is set.
    func settings(books: PriceBooks, region: String, metrics: Int) -> CostSettings {
        var known: [Meter: Int64] = [.sesPlanHours: 1000]
        if metrics > 0 { known[.cloudWatchMetricHours] = Int64(metrics) * 1000 }
        return CostSettings(
            books: books,
            region: region,
            plan: plan,
            freeTier: freeTier,
            budget: budget,
            schedule: known.merging(schedule) { $1 }
        )
    }

    /// Reads every price book of the folder.
    func books() throws(SettingsError) -> PriceBooks {
        let folder = URL(filePath: prices)
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: prices).filter { $0.hasSuffix(".json") }
                .sorted()
        } catch {
            throw SettingsError(.prices, "a folder with price books, and \(prices) cannot be read: \(error)")
        }
        guard !names.isEmpty else {
            throw SettingsError(.prices, "price books (REGION.DAY.json) in \(prices), found none")
        }
        var books: [PriceBook] = []
        for name in names {
            do {
                books.append(try PriceBook(json: try JSON.parse(Data(contentsOf: folder.appending(path: name)))))
            } catch {
                throw SettingsError(.prices, "price books in \(prices), and \(name) is none: \(error)")
            }
        }
        return PriceBooks(books)
    }
}

private enum CostMode: String, CaseIterable {
    case off, on
}

enum FreeTierChoice: String, CaseIterable {
    case whole, elsewhere

    var freeTier: Rate.FreeTier {
        switch self {
        case .whole: .whole
        case .elsewhere: .usedElsewhere
        }
    }
}

extension SettingsReader {
    func costChoices() throws(SettingsError) -> CostChoices? {
        guard try choice(.costs, of: CostMode.self) == .on else { return nil }
        return CostChoices(
            prices: try text(.prices),
            plan: try plan(),
            freeTier: try choice(.freeTier, of: FreeTierChoice.self).freeTier,
            budget: try budget(),
            schedule: try schedule()
        )
    }

    private func plan() throws(SettingsError) -> SESPlan? {
        let text = try text(.sesPlan)
        guard text != "account" else { return nil }
        guard let plan = SESPlan(rawValue: text) else {
            let names = SESPlan.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError(.sesPlan, "account, or one of \(names), found '\(text)'")
        }
        return plan
    }

    private func budget() throws(SettingsError) -> Money? {
        guard try optionalText(.budgetDollars) != nil else { return nil }
        return Money(microdollars: try decimalThousandths(.budgetDollars, atLeast: 1) * 1000)
    }

    /// What is there by the hour; requests of KMS, which AWS makes on behalf of queues and topics; and bytes on their way through
    /// the network: no call says so.
    private static func canBeScheduled(_ meter: Meter) -> Bool {
        meter.definition.counting == .byHour || uncounted.contains(meter)
    }

    private static let uncounted: Set<Meter> = [
        .kmsRequests, .networkNATBytes, .networkEndpointBytes, .networkOutBytes,
    ]

    /// An hour's petabyte, or a million of anything else.
    private static func most(_ meter: Meter) -> Double { meter.definition.unit == "byte" ? 1e15 : 1e6 }

    private func schedule() throws(SettingsError) -> [Meter: Int64] {
        guard let text = try optionalText(.costSchedule) else { return [:] }
        var schedule: [Meter: Int64] = [:]
        for entry in text.split(separator: ",") {
            let parts = entry.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, let meter = Meter(rawValue: parts[0]), Self.canBeScheduled(meter),
                let count = Double(parts[1]), count > 0, count <= Self.most(meter)
            else {
                let meters = Meter.allCases.filter { Self.canBeScheduled($0) }.map(\.rawValue)
                throw SettingsError(
                    .costSchedule,
                    "entries like kms.key-hours=1, of \(meters.joined(separator: ", ")), found '\(entry)'"
                )
            }
            guard schedule.updateValue(Int64((count * 1000).rounded()), forKey: meter) == nil else {
                throw SettingsError(.costSchedule, "each meter once, found \(meter.rawValue) twice")
            }
        }
        return schedule
    }
}
