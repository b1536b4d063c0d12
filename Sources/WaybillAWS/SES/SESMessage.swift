import WaybillCore
import WaybillPorts

/// The body of SendEmail (SES API v2, `SendEmail`).
struct SESMessage {
    let json: JSON

    init(_ email: OutgoingEmail, configurationSet: String) {
        let content = email.content
        var members: [JSON.Member] = [
            JSON.Member("FromEmailAddress", .string(Mailbox.encoded(content.from))),
            JSON.Member("Destination", ["ToAddresses": [.string(email.recipient)]]),
            JSON.Member("Content", ["Simple": Self.simple(email)]),
            // The tags come back in every event: they are how an outcome finds its delivery and its attempt.
            JSON.Member(
                "EmailTags",
                [
                    ["Name": "delivery", "Value": .string(email.delivery.tag)],
                    ["Name": "attempt", "Value": .string(email.attempt.description)],
                ]
            ),
            JSON.Member("ConfigurationSetName", .string(configurationSet)),
        ]
        if let replyTo = content.replyTo {
            members.append(JSON.Member("ReplyToAddresses", [.string(Mailbox.encoded(replyTo))]))
        }
        json = .object(members)
    }

    private static func simple(_ email: OutgoingEmail) -> JSON {
        let content = email.content
        var members = [
            JSON.Member("Subject", text(content.subject)),
            JSON.Member("Body", ["Text": text(content.text), "Html": text(content.html)]),
        ]
        if let meant = email.redirectedFrom {
            // An address of at most 254 characters: SES takes values of 995 (SES API v2, `MessageHeader`).
            members.append(JSON.Member("Headers", [["Name": "X-Waybill-Redirected-From", "Value": .string(meant)]]))
        }
        return .object(members)
    }

    private static func text(_ data: String) -> JSON {
        ["Data": .string(data), "Charset": "UTF-8"]
    }
}

/// A mailbox as a header wants it: `Name <address>` with 7-bit characters. SES takes other names only as MIME
/// encoded-words (SES API v2, `SendEmail`, "FromEmailAddress"; RFC 2047).
enum Mailbox {
    /// An encoded-word has at most 75 characters: 12 around 60 of base64, which hold 45 bytes.
    private static let longestBytes = 45

    static func encoded(_ mailbox: String) -> String {
        guard mailbox.contains(where: { !$0.isASCII }), let angle = mailbox.lastIndex(of: "<") else { return mailbox }
        var name = mailbox[..<angle].trimmingBlanks
        if name.count > 1, name.hasPrefix("\""), name.hasSuffix("\"") { name = name.dropFirst().dropLast() }
        return words(String(name)).joined(separator: " ") + " " + mailbox[angle...]
    }

    /// The address in a mailbox.
    static func address(_ mailbox: String) -> String {
        guard let open = mailbox.lastIndex(of: "<"), let close = mailbox.lastIndex(of: ">"), open < close else {
            return mailbox
        }
        return String(mailbox[mailbox.index(after: open)..<close])
    }

    private static func words(_ name: String) -> [String] {
        var words: [[UInt8]] = [[]]
        for character in name {
            let bytes = Array(character.utf8)
            if words[words.count - 1].count + bytes.count > longestBytes { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(base64($0))?=" }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let text = Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return String(text) + String(repeating: "=", count: (4 - text.count % 4) % 4)
    }
}
