import WaybillCore

/// What became of a run of `publish`.
struct PublishTally: Hashable, Sendable {
    /// So many failures and warnings are named; the rest are counted.
    static let mostNamed = 20

    /// Lines with an order in them.
    private(set) var read = 0
    /// Messages that SNS took; more than `read` with `--repeat`.
    private(set) var published = 0
    /// Messages that were not taken, and lines that could not be sent.
    private(set) var failed = 0
    private(set) var warned = 0

    mutating func lineWasRead() { read += 1 }

    mutating func messageWasPublished() { published += 1 }

    /// What to tell the person about it, nil once enough was told.
    mutating func lineFailed(_ line: Int, _ reason: String) -> String? {
        failed += 1
        return Self.named(failed, "line \(line): \(reason)", "failures")
    }

    mutating func lineIsDoubtful(_ line: Int, _ reason: String) -> String? {
        warned += 1
        return Self.named(warned, "line \(line): \(reason)", "warnings")
    }

    private static func named(_ count: Int, _ text: String, _ what: String) -> String? {
        if count < mostNamed { return text }
        return count == mostNamed ? "\(text) (further \(what) are only counted)" : nil
    }

    var json: JSON {
        JSONShapes.object([
            ("read", .number(read)), ("published", .number(published)), ("failed", .number(failed)),
        ])
    }

    func summary(after elapsed: Duration) -> String {
        var parts = ["\(read) orders read", "\(published) messages published", "\(failed) failed"]
        if warned > 0 { parts.append("\(warned) that are not JSON") }
        return parts.joined(separator: ", ") + ", in \(Self.seconds(elapsed)) s."
    }

    func progress(after elapsed: Duration) -> String {
        let seconds = elapsed.fractionalSeconds
        let rate = seconds > 0 ? Int(Double(published) / seconds) : 0
        return "published \(published) (\(rate)/s), failed \(failed)"
    }

    private static func seconds(_ duration: Duration) -> String {
        let tenths = duration.wholeMilliseconds / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
