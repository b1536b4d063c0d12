import Foundation
import Logging
import Synchronization
import WaybillCore
import WaybillPorts

/// How log lines look.
enum LogFormat: String, Sendable {
    case json, text, auto

    /// The handler for a logger of this process. One line goes out in one write, so lines of threads do not mix.
    /// `usage` hears the bytes of each line, if somebody is billed for them.
    func handler(
        label: String,
        level: Logger.Level,
        usage: (any UsageSink)? = nil,
        write: @escaping @Sendable (String) -> Void = StandardOutput.write
    ) -> any LogHandler {
        let usesText =
            switch self {
            case .text: true
            case .json: false
            case .auto: isatty(STDOUT_FILENO) == 1
            }
        return LineLogHandler(label: label, usesText: usesText, usage: usage, write: write, logLevel: level)
    }
}

/// Where the platform takes what this process writes to stdout.
enum LogDestination: String, CaseIterable, Sendable {
    /// Nobody is billed for it, or nobody knows.
    case elsewhere
    /// CloudWatch Logs bills each byte of it.
    case cloudwatch
}

extension WaybillSettings {
    func logHandler(label: String, usage: any UsageSink) -> any LogHandler {
        logFormat.handler(label: label, level: logLevel, usage: logDestination == .cloudwatch ? usage : nil)
    }
}

/// Writes a JSON object, or a readable line, to stdout.
private struct LineLogHandler: LogHandler {
    let label: String
    let usesText: Bool
    /// Hears the bytes of each line as CloudWatch Logs takes it in, without the end of the line. What that service adds to
    /// a line is its own, and not counted.
    let usage: (any UsageSink)?
    let write: @Sendable (String) -> Void
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = SystemClock.wallNow().rfc3339
        let line = usesText ? textLine(event, time, all) : jsonLine(event, time, all)
        write(line + "\n")
        let bytes = Int64(line.utf8.count)
        usage?.used(Usage(.cloudWatchLogBytes, thousandths: bytes * 1000))
        usage?.saw(.logBytes, of: event.level.rawValue, bytes)
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
