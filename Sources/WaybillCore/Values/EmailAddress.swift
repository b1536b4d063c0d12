/// An email address as SES takes it: `local@domain` and nothing around it, a 7-bit local part, a domain in Punycode.
/// Source: SES developer guide, "Email format and SES": the local part must be 7-bit ASCII, other domains in Punycode.
package struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// RFC 5321, 4.5.3.1.1.
    package static let longestLocalPart = 64
    /// RFC 5321, 4.5.3.1.3 allows a path of 256 characters, two of which are its angle brackets.
    package static let longest = 254

    /// The local part as it was written (its case may matter to the receiving server), the domain in lower case.
    package let text: String

    package init(_ text: some StringProtocol) throws(EmailAddressError) {
        guard text.unicodeScalars.count <= Self.longest else { throw .tooLong }
        guard !text.unicodeScalars.contains(where: \.isControlOrLineBreak) else { throw .controlCharacter }
        guard let at = text.unicodeScalars.lastIndex(of: "@") else { throw .notAnAddress }
        let local = text[..<at]
        guard local.utf8.allSatisfy({ $0 < 0x80 }) else { throw .localPartNotASCII }
        guard local.utf8.count <= Self.longestLocalPart else { throw .localPartTooLong }
        guard Self.isDotAtom(local) || Self.isQuotedString(local) else { throw .notAnAddress }
        guard let domain = HostName.ascii(text[text.unicodeScalars.index(after: at)...]) else { throw .invalidDomain }
        self.text = "\(local)@\(domain)"
        guard self.text.utf8.count <= Self.longest else { throw .tooLong }
    }

    package var description: String { text }

    /// RFC 5321, `Dot-string`.
    private static func isDotAtom(_ local: some StringProtocol) -> Bool {
        local.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.utf8.allSatisfy(isAtomText)
        }
    }

    /// RFC 5322, `atext`.
    static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }

    /// RFC 5321, `Quoted-string`.
    private static func isQuotedString(_ local: some StringProtocol) -> Bool {
        guard local.utf8.count >= 3, local.hasPrefix("\""), local.hasSuffix("\"") else { return false }
        var escaped = false
        for byte in local.utf8.dropFirst().dropLast() {
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                return false
            }
        }
        return !escaped
    }
}

/// What keeps a text from being an address that SES takes.
package enum EmailAddressError: String, Error, Hashable, Sendable, CustomStringConvertible {
    /// Also for a display name, angle brackets, a list, and quotes or dots in the wrong place.
    case notAnAddress = "a bare address like name@example.com"
    case tooLong = "an address of at most 254 characters"
    case controlCharacter = "an address without control characters"
    case localPartNotASCII = "a 7-bit name before the @ (SES takes no other)"
    case localPartTooLong = "at most 64 characters before the @"
    case invalidDomain = "a domain like example.com behind the @"

    /// What is expected instead.
    package var description: String { rawValue }
}
