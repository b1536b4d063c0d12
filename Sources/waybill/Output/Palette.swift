/// What a piece of text means, for the eye.
enum Tone: Hashable, Sendable {
    case plain
    case heading
    case faint
    case good
    case warning
    case bad
}

/// Colours, or none.
struct Palette: Hashable, Sendable {
    let isColoured: Bool

    static let plain = Palette(isColoured: false)

    func paint(_ text: String, _ tone: Tone) -> String {
        guard isColoured, let code = Self.code(tone), !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private static func code(_ tone: Tone) -> String? {
        switch tone {
        case .plain: nil
        case .heading: "1"
        case .faint: "2"
        case .good: "32"
        case .warning: "33"
        case .bad: "31"
        }
    }
}
