/// Who an email is from, or where answers go: an address and, if wanted, the name that is shown with it.
package struct Mailbox: Hashable, Sendable {
    /// Mail programs show less.
    package static let longestName = 64

    package let name: String?
    package let address: EmailAddress

    /// Reads `orders@example.com` or `Shop <orders@example.com>`, as people write it into settings. Quotes around the name
    /// are taken off.
    package init(_ text: String) throws(MailboxError) {
        let (name, address) = Self.split(text)
        guard name.unicodeScalars.count <= Self.longestName else { throw .nameTooLong }
        guard !name.unicodeScalars.contains(where: \.isControlOrLineBreak) else { throw .controlCharacter }
        do throws(EmailAddressError) {
            self.address = try EmailAddress(address)
        } catch {
            throw .address(error)
        }
        self.name = name.isEmpty ? nil : String(name)
    }

    /// The form of an email's header (RFC 5322): `Shop <orders@example.com>`, a name with signs in it between quotes, and
    /// one beyond ASCII as RFC 2047 demands.
    package var header: String {
        guard let name else { return address.text }
        guard name.utf8.allSatisfy({ $0 < 0x80 }) else { return "\(EncodedWord.encode(name)) <\(address.text)>" }
        let isPhrase = name.utf8.allSatisfy { EmailAddress.isAtomText($0) || $0 == UInt8(ascii: " ") }
        return "\(isPhrase ? name : Self.quoted(name)) <\(address.text)>"
    }

    private static func split(_ text: String) -> (name: Substring, address: Substring) {
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else { return ("", text[...]) }
        let address = text[text.index(after: open)...].dropLast()
        var name = text[..<open].drop { $0 == " " }
        while name.last == " " { name.removeLast() }
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") { name = name.dropFirst().dropLast() }
        return (name, address)
    }

    private static func quoted(_ name: String) -> String {
        let escaped = name.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }
        return "\"\(escaped.joined())\""
    }
}

package enum MailboxError: Error, Hashable, Sendable, CustomStringConvertible {
    case nameTooLong
    case controlCharacter
    case address(EmailAddressError)

    /// What is expected instead.
    package var description: String {
        switch self {
        case .nameTooLong: "a name of at most \(Mailbox.longestName) characters"
        case .controlCharacter: "a name without control characters"
        case .address(let error): error.description
        }
    }
}

/// Text beyond ASCII in a header: RFC 2047, encoding Q.
enum EncodedWord {
    /// An encoded word has at most 75 characters, 12 of which are `=?UTF-8?Q?` and `?=`.
    private static let longestContent = 63

    /// One encoded word or several with blanks between them, which a reader puts together again. A character is never
    /// torn apart.
    static func encode(_ text: String) -> String {
        var words: [String] = []
        var content = ""
        for scalar in text.unicodeScalars {
            let encoded = encode(scalar)
            if content.utf8.count + encoded.utf8.count > longestContent {
                words.append(content)
                content = ""
            }
            content += encoded
        }
        return (words + [content]).map { "=?UTF-8?Q?\($0)?=" }.joined(separator: " ")
    }

    private static func encode(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": String(scalar)
        case " ": "_"
        default: String(scalar).utf8.map { "=\(Hex.encode([$0]).uppercased())" }.joined()
        }
    }
}
