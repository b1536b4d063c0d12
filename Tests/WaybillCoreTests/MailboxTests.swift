import Testing
import WaybillCore

@Suite struct MailboxTests {
    @Test(arguments: [
        ("orders@example.com", "orders@example.com"),
        ("<orders@example.com>", "orders@example.com"),
        ("Shop <orders@example.com>", "Shop <orders@example.com>"),
        ("  The Shop, Inc.  <orders@EXAMPLE.com>", "\"The Shop, Inc.\" <orders@example.com>"),
        ("\"The Shop\" <orders@example.com>", "The Shop <orders@example.com>"),
        ("A \"B\" \\ C <orders@example.com>", "\"A \\\"B\\\" \\\\ C\" <orders@example.com>"),
        ("Café Zoë <orders@müller.de>", "=?UTF-8?Q?Caf=C3=A9_Zo=C3=AB?= <orders@xn--mller-kva.de>"),
        ("店=? <a@example.com>", "=?UTF-8?Q?=E5=BA=97=3D=3F?= <a@example.com>"),
    ])
    func aMailboxIsReadAndWrittenAsAHeader(text: String, header: String) throws {
        #expect(try Mailbox(text).header == header)
    }

    @Test func aLongNameBeyondASCIIBecomesSeveralWordsThatKeepItsCharactersWhole() throws {
        let header = try Mailbox("\(String(repeating: "é店", count: 20)) <a@example.com>").header
        let words = header.split(separator: " ").dropLast()
        #expect(words.count == 5)
        #expect(
            words.allSatisfy {
                $0.utf8.count <= 75 && $0.hasPrefix("=?UTF-8?Q?=C3=A9") || $0.hasPrefix("=?UTF-8?Q?=E5=BA=97")
            }
        )
        #expect(header.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test(arguments: [
        ("", MailboxError.address(.notAnAddress)), ("Shop", .address(.notAnAddress)),
        ("Shop <>", .address(.notAnAddress)),
        ("Shop <a@example.com", .address(.notAnAddress)), ("a@example.com, b@example.com", .address(.notAnAddress)),
        ("Shop <a@localhost>", .address(.invalidDomain)),
        ("A <a@example.com\r\nBcc: b@example.com>", .address(.controlCharacter)),
        ("Sh\nop <a@example.com>", .controlCharacter), ("Sh\u{0}op <a@example.com>", .controlCharacter),
        ("Sh\u{2028}op <a@example.com>", .controlCharacter),
        (String(repeating: "x", count: 65) + " <a@example.com>", .nameTooLong),
    ])
    func anythingElseIsRefusedWithTheReason(text: String, expected: MailboxError) {
        #expect(throws: expected) { try Mailbox(text) }
    }
}
