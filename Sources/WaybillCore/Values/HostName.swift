/// The domain of an email address as DNS and SES take it: lower case, Unicode labels in Punycode.
package enum HostName {
    /// A name of 255 bytes on the wire (RFC 1035, 2.3.4) has at most 253 characters when written.
    package static let longest = 253
    package static let longestLabel = 63

    /// The name in ASCII, or nil when it is none: fewer than two labels, an empty one, or a character that IDNA refuses.
    package static func ascii(_ name: some StringProtocol) -> String? {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false).map { asciiLabel(String($0)) }
        let known = labels.compactMap(\.self)
        guard known.count == labels.count, known.count >= 2, let last = known.last else { return nil }
        // A last label of digits alone would make it an address of IPv4 (RFC 3696, 2).
        guard !last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let ascii = known.joined(separator: ".")
        return ascii.utf8.count <= longest ? ascii : nil
    }

    private static func asciiLabel(_ label: String) -> String? {
        guard (1...longestLabel).contains(label.unicodeScalars.count) else { return nil }
        let lower = label.lowercased()
        if lower.utf8.allSatisfy({ $0 < 0x80 }) { return isLetterDigitHyphen(lower) ? lower : nil }
        let composed = CanonicalComposition.compose(lower)
        guard composed.unicodeScalars.allSatisfy(isAllowed), let first = composed.unicodeScalars.first, !isMark(first),
            composed.unicodeScalars.first != "-", composed.unicodeScalars.last != "-",
            let encoded = Punycode.encode(composed)
        else { return nil }
        let ascii = "xn--\(encoded)"
        return ascii.utf8.count <= longestLabel ? ascii : nil
    }

    private static func isLetterDigitHyphen(_ label: String) -> Bool {
        !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
            }
    }

    /// RFC 5892 in short: letters, marks and digits that compatibility folding leaves as they are, and its few exceptions.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "-" || exceptions.contains(scalar) { return true }
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber:
            return !scalar.properties.changesWhenNFKCCaseFolded
        default:
            return false
        }
    }

    /// RFC 5892, 2.6: letters that are valid although folding changes them.
    private static let exceptions: Set<Unicode.Scalar> = ["ß", "ς", "۽", "۾", "་", "〇"]

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}

/// Unicode's composition (NFC) as far as names of hosts need it: the standard library keeps its own to itself, and this
/// module imports nothing.
private enum CanonicalComposition {
    /// Replaces each character that is written as letter and accents by the single code that stands for it.
    static func compose(_ text: String) -> String {
        String(text.map { $0.unicodeScalars.count == 1 ? $0 : table[$0] ?? $0 })
    }

    /// The single codes of Latin, Greek, Cyrillic and Hangul. Swift compares characters by canonical equivalence, so
    /// the composed one is found by the decomposed one. Of two that are equal the lower is the composed form.
    private static let table: [Character: Character] = {
        let ranges: [ClosedRange<UInt32>] = [0xC0...0x24F, 0x370...0x52F, 0x1E00...0x1FFF, 0xAC00...0xD7A3]
        let scalars = ranges.joined().compactMap(Unicode.Scalar.init)
        return Dictionary(scalars.map { (Character($0), Character($0)) }, uniquingKeysWith: { first, _ in first })
    }()
}
