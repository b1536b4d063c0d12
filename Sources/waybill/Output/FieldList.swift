/// Names and values under each other, the values aligned; fields without a value are left out.
struct FieldList: Sendable {
    private var fields: [(name: String, value: String, tone: Tone)] = []

    mutating func append(_ name: String, _ value: String?, _ tone: Tone = .plain) {
        guard let value else { return }
        fields.append((name, TerminalText.printable(value), tone))
    }

    func lines(_ palette: Palette, indent: String = "  ") -> [String] {
        let width = fields.map { TerminalText.columns($0.name) }.max() ?? 0
        return fields.map { field in
            let blanks = String(repeating: " ", count: width - TerminalText.columns(field.name))
            return indent + palette.paint(field.name, .faint) + blanks + "  " + palette.paint(field.value, field.tone)
        }
    }
}
