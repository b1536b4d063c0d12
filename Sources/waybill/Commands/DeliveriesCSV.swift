import WaybillCore

/// Deliveries as CSV (RFC 4180), for spreadsheets.
enum DeliveriesCSV {
    static let header = [
        "order", "kind", "status", "email", "created_at", "updated_at", "message_id", "template", "attempt", "reason",
    ]

    static func text(_ records: [DeliveryRecord], hasHeader: Bool) -> String {
        let rows = (hasHeader ? [header] : []) + records.map { cells($0) }
        return rows.map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func cells(_ record: DeliveryRecord) -> [String] {
        [
            record.id.order.text, record.id.kind.text, record.status.name, record.email, record.createdAt.rfc3339,
            record.updatedAt.rfc3339, record.messageID ?? "", record.template ?? "",
            record.attempt?.description ?? "", record.reason ?? "",
        ]
    }

    /// What spreadsheets take for the beginning of a formula. Orders and reasons come from outside.
    private static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r"]
    private static let quoted: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]

    static func cell(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { formulaStarts.contains($0) } ?? false
        let safe = isFormula ? "'\(text)" : text
        guard safe.unicodeScalars.contains(where: { quoted.contains($0) }) else { return safe }
        // By scalars: CR LF is one Character.
        let doubled = safe.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar == "\"" { result.unicodeScalars.append(scalar) }
            result.unicodeScalars.append(scalar)
        }
        return "\"\(doubled)\""
    }
}
