/// A table for people: columns as wide as their widest cell, two blanks between them, nothing behind the last.
struct TextTable: Sendable {
    enum Alignment: Hashable, Sendable {
        case leading
        case trailing
    }

    struct Column: Sendable {
        var title: String
        var alignment: Alignment

        init(_ title: String, _ alignment: Alignment = .leading) {
            self.title = title
            self.alignment = alignment
        }
    }

    struct Cell: Hashable, Sendable, ExpressibleByStringLiteral {
        var text: String
        var tone: Tone

        init(_ text: String, _ tone: Tone = .plain) {
            self.text = text
            self.tone = tone
        }

        init(stringLiteral text: String) {
            self.init(text)
        }
    }

    /// What stands where there is nothing to say.
    static let absent = Cell("-", .faint)

    private let columns: [Column]
    private var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row with one cell for each column.
    mutating func append(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row has as many cells as the table has columns")
        rows.append(cells.map { Cell(TerminalText.printable($0.text), $0.tone) })
    }

    /// The title line and one line for each row.
    func lines(_ palette: Palette) -> [String] {
        let all = [columns.map { Cell($0.title, .heading) }] + rows
        let widths = columns.indices.map { column in
            all.map { TerminalText.columns($0[column].text) }.max() ?? 0
        }
        return all.map { line($0, widths, palette) }
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ palette: Palette) -> String {
        let last = columns.count - 1
        return cells.enumerated().map { index, cell in
            let blanks = String(repeating: " ", count: widths[index] - TerminalText.columns(cell.text))
            let painted = palette.paint(cell.text, cell.tone)
            return switch columns[index].alignment {
            case .trailing: blanks + painted
            case .leading: index == last ? painted : painted + blanks
            }
        }.joined(separator: "  ")
    }
}
