/// Language tags of BCP 47 (RFC 5646): whether a text has their shape. The registry of subtags is not asked.
package enum LanguageTag {
    /// RFC 5646, 4.4.1: what software should at least take.
    package static let longest = 35

    package static func isWellFormed(_ text: some StringProtocol) -> Bool {
        guard text.utf8.count <= longest, text.utf8.allSatisfy({ isLetter($0) || isDigit($0) || $0 == 0x2D }) else {
            return false
        }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Array($0.utf8) }
        guard parts.allSatisfy({ (1...8).contains($0.count) }) else { return false }
        var subtags = Subtags(parts)
        guard subtags.take({ $0.count >= 2 && $0.allSatisfy(isLetter) }) else { return false }
        for _ in 0..<3 { _ = subtags.take { $0.count == 3 && $0.allSatisfy(isLetter) } }
        _ = subtags.take { $0.count == 4 && $0.allSatisfy(isLetter) }
        _ = subtags.take { ($0.count == 2 && $0.allSatisfy(isLetter)) || ($0.count == 3 && $0.allSatisfy(isDigit)) }
        while subtags.take({ $0.count >= 5 || ($0.count == 4 && isDigit($0[0])) }) {}
        while subtags.take({ $0.count == 1 && !isPrivate($0[0]) }) {
            guard subtags.take({ $0.count >= 2 }) else { return false }
            while subtags.take({ $0.count >= 2 }) {}
        }
        if subtags.take({ $0.count == 1 }) {
            guard subtags.take({ _ in true }) else { return false }
            while subtags.take({ _ in true }) {}
        }
        return subtags.atEnd
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }

    /// The singleton `x`, behind which everything is private.
    private static func isPrivate(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "x") || byte == UInt8(ascii: "X") }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

private struct Subtags {
    private var rest: ArraySlice<[UInt8]>

    init(_ subtags: [[UInt8]]) {
        rest = subtags[...]
    }

    var atEnd: Bool { rest.isEmpty }

    /// Takes the next subtag if it fits.
    mutating func take(_ fits: ([UInt8]) -> Bool) -> Bool {
        guard let next = rest.first, fits(next) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
