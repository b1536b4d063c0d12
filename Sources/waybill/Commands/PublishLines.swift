import WaybillCore

/// One line of the input, without its end, as bytes: a line that is no UTF-8 is a failure to be named, not a crash.
struct InputLine: Hashable, Sendable {
    /// Counted from 1, blank lines included, as an editor counts.
    var number: Int
    var bytes: [UInt8]
    /// Its full length when it was too long to be kept; `bytes` is empty then.
    var oversize: Int?

    init(number: Int, bytes: [UInt8], oversize: Int? = nil) {
        self.number = number
        self.bytes = bytes
        self.oversize = oversize
    }
}

/// Cuts a stream of bytes into lines. Keeps at most one line, and of that no more than the limit.
struct LineSplitter: Sendable {
    /// SNS takes 256 KiB a message; four times that shows SNS's own refusal of what is only somewhat too large.
    static let longestLineBytes = 1 << 20

    private let longest: Int
    private var number = 0
    private var current: [UInt8] = []
    private var currentBytes = 0

    init(longest: Int = Self.longestLineBytes) {
        self.longest = longest
    }

    /// The lines that these bytes complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [InputLine] {
        var lines: [InputLine] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                currentBytes += 1
                if currentBytes <= longest { current.append(byte) }
                continue
            }
            lines.append(take())
        }
        return lines
    }

    /// The last line, when the input does not end with a line end.
    mutating func finish() -> InputLine? {
        currentBytes > 0 ? take() : nil
    }

    private mutating func take() -> InputLine {
        number += 1
        defer {
            current.removeAll(keepingCapacity: true)
            currentBytes = 0
        }
        guard currentBytes <= longest else { return InputLine(number: number, bytes: [], oversize: currentBytes) }
        if current.last == UInt8(ascii: "\r") { current.removeLast() }
        return InputLine(number: number, bytes: current)
    }
}

/// A line that is ready for the topic.
struct OutgoingOrder: Hashable, Sendable {
    var line: Int
    var text: String
}

/// What is to be done with a line of JSON lines.
enum LineVerdict: Hashable, Sendable {
    case blank
    case publish(OutgoingOrder)
    /// It goes out as it is, the workers will quarantine it; the person should know now.
    case publishWithWarning(OutgoingOrder, String)
    case fail(String)

    init(jsonLine line: InputLine) {
        self.init(line) { text in
            let order = OutgoingOrder(line: line.number, text: text)
            do throws(JSONSyntaxError) {
                _ = try JSON.parse(line.bytes)
                return .publish(order)
            } catch {
                return .publishWithWarning(order, "it is not JSON (byte \(error.offset): expected \(error.expected))")
            }
        }
    }

    /// A line of the CDNOW sample.
    init(purchase line: InputLine, of orders: CDNOWOrders, placedAt: Timestamp) {
        self.init(line) { text in
            guard let order = orders.order(line: text, number: line.number, placedAt: placedAt) else {
                return .fail("expected a purchase: customer, id in the sample, date, number of CDs, dollars")
            }
            return .publish(OutgoingOrder(line: line.number, text: order.description))
        }
    }

    /// What holds for lines of every form.
    private init(_ line: InputLine, read: (String) -> LineVerdict) {
        if let bytes = line.oversize {
            self = .fail("\(bytes) bytes are more than the \(LineSplitter.longestLineBytes) that are read of a line")
        } else if line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
            self = .blank
        } else if let text = String(validating: line.bytes, as: UTF8.self) {
            self = read(text)
        } else {
            self = .fail("it is not UTF-8, and SNS takes nothing else")
        }
    }
}
