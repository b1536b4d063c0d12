/// The shop's name of an order: 1 to 128 bytes of UTF-8 without control characters.
package struct OrderID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package static let longestBytes = 128

    package let text: String

    /// Nil when the text is empty, longer than 128 bytes, or holds a control character.
    package init?(_ text: String) {
        guard (1...Self.longestBytes).contains(text.utf8.count),
            !text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
        else { return nil }
        self.text = text
    }

    package var description: String { text }

    package static func < (left: OrderID, right: OrderID) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

/// Ids are compared by their bytes, as DynamoDB and PostgreSQL do. Swift's own comparison of text takes a composed and
/// a decomposed `é` for equal, and would make one order of two.
extension OrderID {
    package static func == (left: OrderID, right: OrderID) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(text.utf8.count)
    }
}

/// Which email of an order it is. A deliberate second copy is a kind of its own (`order-confirmation~2`).
package struct MessageKind: Hashable, Comparable, Sendable, CustomStringConvertible {
    package static let orderConfirmation = MessageKind(unchecked: "order-confirmation")

    package let text: String

    /// Nil unless the text is 1 to 32 of `a-z`, `0-9`, `-` and `~`.
    package init?(_ text: String) {
        let allowed = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x7E
        }
        guard allowed, (1...32).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    /// More copies of one confirmation than anybody asks for on purpose.
    package static let mostCopies = 20

    /// The kind of the copy with this number: the confirmation itself is the first, so copies begin with 2.
    package static func confirmationCopy(_ number: Int) -> MessageKind {
        precondition((2...mostCopies).contains(number), "copies have numbers from 2 to \(mostCopies)")
        return MessageKind(unchecked: "\(orderConfirmation.text)~\(number)")
    }

    /// The number of a copy, nil for a kind that is none.
    package var copyNumber: Int? {
        let start = "\(Self.orderConfirmation.text)~"
        guard text.hasPrefix(start) else { return nil }
        return Int(text.dropFirst(start.count))
    }

    package var description: String { text }

    package static func < (left: MessageKind, right: MessageKind) -> Bool { left.text < right.text }
}

/// One email that is owed: an order and the kind of its message. At most one SES acceptance is allowed per delivery.
package struct DeliveryID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let order: OrderID
    package let kind: MessageKind

    package init(order: OrderID, kind: MessageKind = .orderConfirmation) {
        self.order = order
        self.kind = kind
    }

    /// `kind/order`: the kind has no slash, so the first one separates them. This is the key of the jobs table.
    package var description: String { "\(kind.text)/\(order.text)" }

    /// Reads ``description``, or nil.
    package init?(_ text: some StringProtocol) {
        guard let slash = text.firstIndex(of: "/"), let kind = MessageKind(String(text[..<slash])),
            let order = OrderID(String(text[text.index(after: slash)...]))
        else { return nil }
        self.init(order: order, kind: kind)
    }

    /// The value of the SES message tag `delivery`: base64url of ``description``, at most 215 characters. SES allows
    /// `[A-Za-z0-9_-]`, at most 256 characters, in a tag's value (SES v2 API, `MessageTag`).
    package var tag: String { Base64URL.encode(description.utf8) }

    /// Reads ``tag``, or nil.
    package init?(tag: String) {
        guard let bytes = Base64URL.decode(tag), let text = String(validating: bytes, as: UTF8.self) else { return nil }
        self.init(text)
    }

    package static func < (left: DeliveryID, right: DeliveryID) -> Bool {
        (left.order, left.kind) < (right.order, right.kind)
    }
}

/// One try at a delivery: 128 random bits, new with every claim. It travels to SES in the message tag `attempt`.
package struct AttemptID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(using generator: inout some RandomNumberGenerator) {
        self.init(high: generator.next(), low: generator.next())
    }

    /// 32 hexadecimal digits.
    package var description: String { Hex.encode(bytes(of: high) + bytes(of: low)) }

    /// Reads ``description``, or nil.
    package init?(_ text: some StringProtocol) {
        guard let words = words(hex: text.utf8) else { return nil }
        self.init(high: words.high, low: words.low)
    }
}

/// One incarnation of a worker process: 128 random bits, never a host name. A worker whose lease was lost comes back
/// under a new one.
package struct WorkerID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(using generator: inout some RandomNumberGenerator) {
        self.init(high: generator.next(), low: generator.next())
    }

    /// The form of PostgreSQL's `uuid`: `8-4-4-4-12` hexadecimal digits.
    package var description: String {
        let digits = Array(Hex.encode(bytes(of: high) + bytes(of: low)))
        let groups = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
        return groups.map { String($0) }.joined(separator: "-")
    }

    /// Reads ``description``, or nil.
    package init?(_ text: some StringProtocol) {
        guard let words = words(hex: text.utf8.lazy.filter { $0 != UInt8(ascii: "-") }) else { return nil }
        self.init(high: words.high, low: words.low)
    }
}

/// The fencing token of one claim of one job: rises with every claim, across all jobs, and serves one T1.
package struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int64

    package init(_ number: Int64) {
        self.number = number
    }

    package var description: String { String(number) }

    package static func < (left: Epoch, right: Epoch) -> Bool { left.number < right.number }
}

/// SHA-256 of an order's canonical form: tells a repeat of an order from another order under the same id.
package struct PayloadHash: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// 64 hexadecimal digits.
    package var description: String { Hex.encode(bytes) }

    /// Reads ``description``, or nil.
    package init?(_ text: some StringProtocol) {
        guard let bytes = Hex.decode(text) else { return nil }
        self.init(bytes)
    }
}

private func bytes(of word: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
}

/// 32 hexadecimal digits of either case as two words, or nil.
private func words(hex digits: some Sequence<UInt8>) -> (high: UInt64, low: UInt64)? {
    var (high, low, count) = (UInt64(0), UInt64(0), 0)
    for digit in digits {
        guard count < 32, let value = Hex.value(digit) else { return nil }
        if count < 16 { high = high << 4 | UInt64(value) } else { low = low << 4 | UInt64(value) }
        count += 1
    }
    return count == 32 ? (high, low) : nil
}
