import WaybillCore
import WaybillPorts

extension StatusReport {
    /// The report for people.
    func lines(_ palette: Palette) -> [String] {
        var lines = [palette.paint("Waybill \(environment), \(at.rfc3339)", .heading)]
        for section in [
            workerLines(palette), ingestLines(palette), sendingLines(palette), jobLines(palette), queueLines(palette),
            deliveryLines(palette),
        ]
        where !section.isEmpty {
            lines += [""] + section
        }
        return lines
    }

    private func workerLines(_ palette: Palette) -> [String] {
        guard let workers else { return [] }
        let wanted = demand.map { ["Wanted workers: \($0.workers). \($0.reason.words)"] } ?? []
        guard !workers.isEmpty else { return [palette.paint("No worker is running.", .warning)] + wanted }
        var table = TextTable([
            .init("WORKER"), .init("HOST"), .init("PID", .trailing), .init("ROLES"), .init("STARTED"), .init("VERSION"),
        ])
        for worker in workers {
            table.append([
                .init(worker.id.description), .init(worker.about.host), .init(String(worker.about.processID)),
                .init(worker.about.roles.joined(separator: ",")), .init(worker.startedAt.rfc3339, .faint),
                .init(worker.about.version),
            ])
        }
        return table.lines(palette) + wanted + Self.drainLines(workers, palette) + Self.guardLines(workers, palette)
    }

    private static func drainLines(_ workers: [LiveWorker], _ palette: Palette) -> [String] {
        workers.compactMap { worker in
            guard let order = worker.drain else { return nil }
            let jobs = worker.jobsInHand.map { ", \($0) jobs in hand" } ?? ""
            return palette.paint("Worker \(worker.id) drains since \(order.words)\(jobs)", .warning)
        }
    }

    private func ingestLines(_ palette: Palette) -> [String] {
        guard case .paused(let order) = ingest else { return [] }
        return [palette.paint("Ingest is paused since \(order.words): orders stay in SQS", .bad)]
    }

    private static func guardLines(_ workers: [LiveWorker], _ palette: Palette) -> [String] {
        let summaries = workers.compactMap(\.about.guardSummary)
        return Set(summaries).sorted().map { summary in
            let count = summaries.count { $0 == summary }
            let whose = count == workers.count ? "every worker" : "\(count) of \(workers.count) workers"
            return palette.paint("Guard of \(whose): \(summary)", .warning)
        }
    }

    private func sendingLines(_ palette: Palette) -> [String] {
        guard let sending else { return [] }
        let rate = "Sends \(Self.emails(sending.milliRate)) of \(Self.emails(sending.limit)) emails a second at most."
        guard let hold = sending.hold else { return [rate] }
        let since = sending.heldSince.map { " since \($0.rfc3339)" } ?? ""
        return [palette.paint("Sending is held back\(since): \(hold.cause.rawValue), \(hold.detail)", .bad)]
    }

    private static func emails(_ milliRate: Int64) -> String {
        let thousandths = String(1000 + milliRate % 1000).dropFirst()
        return milliRate.isMultiple(of: 1000) ? "\(milliRate / 1000)" : "\(milliRate / 1000).\(thousandths)"
    }

    private func jobLines(_ palette: Palette) -> [String] {
        guard let jobs else { return [] }
        var table = TextTable([.init("JOBS"), .init("COUNT", .trailing), .init("WHAT THEY ARE")])
        let rows: [(String, Int, Tone, String)] = [
            ("ready", jobs.ready, .plain, "wait for a worker"),
            ("held", jobs.held, .warning, "older than allowed: an operator releases or cancels them"),
            ("leased", jobs.leased, .plain, "a worker has them"),
            ("in doubt", jobs.inDoubt, .warning, "the outcome is unknown, evidence is awaited"),
            ("unconfirmed", jobs.unconfirmed, .bad, "no evidence came: an operator decides"),
            ("finished", jobs.finished, .plain, "in the history"),
            ("quarantined", jobs.quarantined, .warning, "messages that could not be used, with their reason"),
        ]
        for (name, count, tone, meaning) in rows {
            table.append([.init(name), .init(String(count), count > 0 ? tone : .plain), .init(meaning, .faint)])
        }
        return table.lines(palette)
    }

    private func queueLines(_ palette: Palette) -> [String] {
        guard !queues.isEmpty else { return [] }
        var table = TextTable([
            .init("QUEUE"), .init("VISIBLE", .trailing), .init("IN FLIGHT", .trailing), .init("DELAYED", .trailing),
        ])
        for role in QueueRole.allCases {
            guard let depth = queues[role] else { continue }
            let tone: Tone = role.holdsWhatFailed && depth.visible > 0 ? .bad : .plain
            table.append([
                .init(role.words), .init(String(depth.visible), tone), .init(String(depth.inFlight)),
                .init(String(depth.delayed)),
            ])
        }
        return table.lines(palette)
    }

    private func deliveryLines(_ palette: Palette) -> [String] {
        guard let deliveries else { return [] }
        let found = deliveries.filter { $0.count > 0 }
        guard !found.isEmpty else { return ["No delivery has come to a status yet."] }
        var table = TextTable([.init("DELIVERIES"), .init("COUNT", .trailing)])
        for entry in found {
            let tone = DeliveryStatus.allCases.first { $0.name == entry.status }?.tone ?? .plain
            table.append([.init(entry.status, tone), .init(entry.isExact ? String(entry.count) : "\(entry.count)+")])
        }
        return table.lines(palette)
    }
}

extension StandingOrder {
    /// Since when, by whom and why, as far as that is known.
    fileprivate var words: String {
        let whose = [by, reason].compactMap { $0 }.joined(separator: ": ")
        return whose.isEmpty ? since.rfc3339 : "\(since.rfc3339) (\(TerminalText.printable(whose)))"
    }
}

extension WorkerDemand.Reason {
    var words: String {
        switch self {
        case .idle: "Nothing is to be done."
        case .backlog: "So many send what waits within a minute."
        case .rate: "More waits, but the send rate feeds no more of them."
        case .late: "Jobs have waited for more than a minute; the send rate feeds so many."
        case .busy: "Those that run are full, and the send rate has room."
        case .events: "SES's events wait."
        case .chores: "Something waits for a worker to be there."
        }
    }
}

extension StatusReport.QueueRole {
    var words: String {
        switch self {
        case .orders: "orders"
        case .ordersDeadLetter: "orders, given up"
        case .ordersUndelivered: "orders, undelivered"
        case .feedback: "feedback"
        case .feedbackDeadLetter: "feedback, given up"
        case .feedbackUndelivered: "feedback, undelivered"
        }
    }
}
