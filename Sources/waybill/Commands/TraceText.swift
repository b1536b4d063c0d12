import WaybillCore
import WaybillPorts

extension OrderTrace {
    /// The story for people.
    func lines(_ palette: Palette) -> [String] {
        var lines: [String] = []
        for delivery in deliveries where delivery.record != nil || delivery.job != nil {
            lines += section(of: delivery, palette) + [""]
        }
        lines += timelineLines(palette)
        if !quarantine.isEmpty { lines += [""] + quarantineLines(palette) }
        return lines
    }

    private func section(of delivery: Delivery, _ palette: Palette) -> [String] {
        let title = "Order \(TerminalText.printable(order.text)), \(delivery.id.kind.text)"
        var lines = [palette.paint(title, .heading)]
        if let record = delivery.record {
            lines.append("  " + record.status.sentence)
            lines += Self.fields(of: record).lines(palette)
        } else {
            lines.append("  It has no delivery record yet: no worker has claimed it for sending.")
        }
        if let job = delivery.job {
            lines += [palette.paint("Job", .heading)] + Self.fields(of: job).lines(palette)
        }
        return lines
    }

    private static func fields(of record: DeliveryRecord) -> FieldList {
        var fields = FieldList()
        fields.append("status", record.status.name, record.status.tone)
        fields.append("reason", record.reason)
        fields.append("address", record.email)
        fields.append("message id", record.messageID)
        fields.append("template", record.template)
        fields.append("attempt", record.attempt?.description)
        fields.append("worker", record.owner?.description)
        fields.append("epoch", record.epoch.number > 0 ? record.epoch.description : nil)
        fields.append("signed at", record.signedAt?.rfc3339)
        fields.append("updated at", record.updatedAt.rfc3339)
        fields.append("kept until", record.expiresAt.rfc3339)
        fields.append("version", String(record.version))
        return fields
    }

    private static func fields(of job: JobSnapshot) -> FieldList {
        var fields = FieldList()
        fields.append("state", job.state.rawValue, job.state.tone)
        fields.append("status", job.status)
        fields.append("reason", job.reason)
        fields.append("attempts", String(job.attempts))
        fields.append("epoch", job.epoch.number > 0 ? job.epoch.description : nil)
        fields.append("worker", job.worker?.description)
        fields.append("run at", job.state == .finished ? nil : job.runAt.rfc3339)
        fields.append("enqueued at", job.enqueuedAt.rfc3339)
        fields.append("finished at", job.finishedAt?.rfc3339)
        return fields
    }

    private func timelineLines(_ palette: Palette) -> [String] {
        let moments = timeline
        guard let start = moments.first?.at else { return [] }
        let showsKind = Set(moments.map(\.kind)).count > 1
        var table = TextTable([.init("TIME"), .init("AFTER", .trailing), .init("WHAT HAPPENED")])
        for moment in moments {
            let kind = showsKind ? moment.kind.map { "\($0.text): " } ?? "" : ""
            table.append([
                .init(moment.at.rfc3339), .init(Self.elapsed(moment.at - start), .faint),
                .init(kind + moment.what, moment.tone),
            ])
        }
        return table.lines(palette)
    }

    private func quarantineLines(_ palette: Palette) -> [String] {
        quarantine.flatMap { entry in
            [palette.paint("Quarantined: \(entry.message.code)", .heading)] + Self.fields(of: entry).lines(palette)
        }
    }

    private static func fields(of entry: QuarantineEntry) -> FieldList {
        var fields = FieldList()
        fields.append("entry", String(entry.id))
        fields.append("queue", entry.message.queue)
        for (index, violation) in entry.message.reason.split(separator: "\n").enumerated() {
            fields.append(index == 0 ? "reason" : "", String(violation), .warning)
        }
        fields.append("seen", "\(entry.count == 1 ? "once" : "\(entry.count) times"), last \(entry.lastSeen.rfc3339)")
        fields.append("body", preview(entry.message.body))
        return fields
    }

    private static let previewBytes = 160

    private static func preview(_ body: [UInt8]) -> String {
        let text = String(decoding: body.prefix(previewBytes), as: UTF8.self)
        return body.count > previewBytes ? "\(text)… (\(body.count) bytes)" : text
    }

    /// Seconds with milliseconds: `+1.250 s`.
    private static func elapsed(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return "+\(milliseconds / 1000).\(fraction) s"
    }
}

extension JobState {
    fileprivate var tone: Tone {
        switch self {
        case .ready, .leased: .plain
        case .held, .inDoubt, .unconfirmed: .warning
        case .finished: .faint
        }
    }
}
