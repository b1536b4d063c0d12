import Foundation

/// Where a command's words go. Standard output carries the answer and nothing else; everything about the work itself
/// (progress, warnings, failures) goes to standard error.
struct Console: Sendable {
    let palette: Palette
    /// Colours for standard error.
    let errorPalette: Palette
    /// Progress is shown on a terminal only: in a log it would be noise.
    let showsProgress: Bool

    init(outputIsTerminal: Bool, errorIsTerminal: Bool, variables: [String: String]) {
        let wantsColours = variables["NO_COLOR", default: ""].isEmpty && variables["TERM"] != "dumb"
        palette = Palette(isColoured: outputIsTerminal && wantsColours)
        errorPalette = Palette(isColoured: errorIsTerminal && wantsColours)
        showsProgress = errorIsTerminal && variables["TERM"] != "dumb"
    }

    /// This process's standard output and standard error.
    static let system = Console(
        outputIsTerminal: isatty(STDOUT_FILENO) == 1,
        errorIsTerminal: isatty(STDERR_FILENO) == 1,
        variables: ProcessInfo.processInfo.environment
    )

    func show(_ lines: [String]) {
        for line in lines { print(line) }
    }

    func note(_ message: String) {
        complain("notice:", .plain, message)
    }

    func warn(_ message: String) {
        complain("warning:", .warning, message)
    }

    func fail(_ message: String) {
        complain("error:", .bad, message)
    }

    private func complain(_ label: String, _ tone: Tone, _ message: String) {
        let line = errorPalette.paint(label, tone) + " " + TerminalText.printable(message)
        StandardError.write((showsProgress ? ProgressLine.clear : "") + line + "\n")
    }
}

/// Standard error, unbuffered.
enum StandardError {
    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { bytes in
                unsafe Foundation.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
            }
            // Nobody is left to be told that standard error cannot be written.
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
