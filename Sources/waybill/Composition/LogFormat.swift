import Foundation
import Logging
import Synchronization
import WaybillCore

/// How log lines look.
enum LogFormat: String, Sendable {
    case json, text, auto

    /// The handler for a logger of this process. One line goes out in one write, so lines of threads do not mix.
    func handler(label: String, level: Logger.Level) -> any LogHandler {
        let usesText =
            switch self {
            case .text: true
            case .json: false
            case .auto: isatty(STDOUT_FILENO) == 1
            }
        return LineLogHandler(label: label, logLevel: level, usesText: usesText)
    }
}

/// Writes a JSON object, or a readable line, to stdout.
private struct LineLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    let usesText: Bool
    var metadata: Logger.Metadata = [:]

    init(label: String, logLevel: Logger.Level, usesText: Bool) {
        self.label = label
        self.logLevel = logLevel
        self.usesText = usesText
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = SystemClock.wallNow().rfc3339
        let line = usesText ? textLine(event, time, all) : jsonLine(event, time, all)
        StandardOutput.write(line + "\n")
    }

    private func textLine(_ event: LogEvent, _ time: String, _ all: [(key: String, value: Logger.MetadataValue)])
        -> String
    {
        let values = all.map { " \($0.key)=\($0.value)" }.joined()
        return "\(time) \(event.level.rawValue.uppercased()) \(event.message)\(values)"
    }

    private func jsonLine(_ event: LogEvent, _ time: String, _ all: [(key: String, value: Logger.MetadataValue)])
        -> String
    {
        JSONLine.object(
            [("time", time), ("level", event.level.rawValue), ("logger", label), ("message", "\(event.message)")]
                + all.map { ($0.key, "\($0.value)") }
        )
    }
}

/// Whole lines to stdout, from any thread.
enum StandardOutput {
    private static let lock = Mutex(())

    static func write(_ text: String) {
        lock.withLock { _ in FileHandle.standardOutput.write(Data(text.utf8)) }
    }
}
