import Testing
import WaybillCore

@Suite struct EmailAddressTests {
    private static let longLabel = String(repeating: "a", count: 63)
    private static let longDomain = "\(longLabel).\(longLabel).\(longLabel).com"

    @Test(arguments: [
        ("zoe@example.com", "zoe@example.com"),
        ("Zoe.Müller@example.com".replacing("ü", with: "u"), "Zoe.Muller@example.com"),
        ("a@EXAMPLE.Com", "a@example.com"),
        ("success+order-1@simulator.amazonses.com", "success+order-1@simulator.amazonses.com"),
        ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
        ("\"a b\"@example.com", "\"a b\"@example.com"),
        ("\"a@b\\\"c\\\\\"@example.com", "\"a@b\\\"c\\\\\"@example.com"),
        ("x@müller.de", "x@xn--mller-kva.de"),
        ("x@MÜLLER.DE", "x@xn--mller-kva.de"),
        ("x@mu\u{308}ller.de", "x@xn--mller-kva.de"),
        ("x@straße.example", "x@xn--strae-oqa.example"),
        ("x@例え.テスト", "x@xn--r8jz45g.xn--zckzah"),
        ("x@ΠΑΡΆΔΕΙΓΜΑ.δοκιμή", "x@xn--hxajbheg2az3al.xn--jxalpdlp"),
        ("x@\u{1112}\u{1161}\u{11AB}국.example", "x@xn--3e0b707e.example"),
        ("x@उदाहरण.परीक्षा", "x@xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"),
        ("x@a--b.1.example", "x@a--b.1.example"),
        ("x@xn--mller-kva.de", "x@xn--mller-kva.de"),
        ("\(longLabel)a@example.com", "\(longLabel)a@example.com"),
        ("x@\(longLabel).example", "x@\(longLabel).example"),
    ])
    func anAddressIsTakenInTheFormOfSES(_ text: String, expected: String) throws {
        #expect(try EmailAddress(text).text == expected)
    }

    @Test(
        arguments: [
            ("", .notAnAddress), ("zoe", .notAnAddress), ("@example.com", .notAnAddress),
            ("zoe.@example.com", .notAnAddress),
            (".zoe@example.com", .notAnAddress), ("z..e@example.com", .notAnAddress),
            ("z e@example.com", .notAnAddress),
            ("Zoe <zoe@example.com>", .notAnAddress), ("<zoe@example.com>", .notAnAddress),
            ("zoe@a.com,b@c.com", .notAnAddress),
            ("zoe@a.com, b@c.com", .notAnAddress), ("mailto:zoe@example.com", .notAnAddress),
            ("(c)zoe@example.com", .notAnAddress),
            ("\"@example.com", .notAnAddress), ("\"\"@example.com", .notAnAddress),
            ("\"a\"b\"@example.com", .notAnAddress),
            ("\"a\\\"@example.com", .notAnAddress), ("a\"b\"@example.com", .notAnAddress),
            ("a@b@example.com", .notAnAddress),
            ("zoë@example.com", .localPartNotASCII), ("\"Zoë\" <zoe@example.com>", .localPartNotASCII),
            ("zoe@exa\r\nmple.com", .controlCharacter), ("zoe@example.com\n", .controlCharacter),
            ("zoe\0@example.com", .controlCharacter), ("zoe\r\nBcc: x@example.com", .controlCharacter),
            ("zo\u{7F}e@example.com", .controlCharacter), ("zoe@example.com\u{2028}", .controlCharacter),
            ("zoe@", .invalidDomain), ("zoe@localhost", .invalidDomain), ("zoe@.com", .invalidDomain),
            ("zoe@example.", .invalidDomain), ("zoe@example..com", .invalidDomain), ("zoe@-a.com", .invalidDomain),
            ("zoe@a-.com", .invalidDomain), ("zoe@a_b.com", .invalidDomain), ("zoe@a b.com", .invalidDomain),
            ("zoe@[192.0.2.1]", .invalidDomain), ("zoe@192.0.2.1", .invalidDomain),
            ("zoe@example.com>", .invalidDomain),
            ("zoe@a,b.com", .invalidDomain), ("zoe@ｅｘａｍｐｌｅ.com", .invalidDomain),
            ("zoe@a\u{200B}b.com", .invalidDomain),
            ("zoe@💌.com", .invalidDomain), ("zoe@\u{301}a.com", .invalidDomain), ("zoe@a。com", .invalidDomain),
            ("zoe@-é.com", .invalidDomain), ("zoe@é-.com", .invalidDomain), ("zoe@\(longLabel)a.com", .invalidDomain),
            ("zoe@é\(longLabel.dropLast(6)).com", .invalidDomain),
            ("\(longLabel)aa@example.com", .localPartTooLong),
            ("\(longLabel)@\(longDomain)", .tooLong), ("\(longDomain)\(longDomain)@example.com", .tooLong),
        ] as [(String, EmailAddressError)]
    )
    func whatSESWouldRefuseIsRefusedWithTheReason(_ text: String, expected: EmailAddressError) {
        #expect(throws: expected) { try EmailAddress(text) }
    }

    @Test func anAddressMayHave254CharactersAndNoMore() throws {
        let domain = Self.longDomain
        let longest = String(repeating: "l", count: 254 - 1 - domain.utf8.count) + "@" + domain
        #expect(try EmailAddress(longest).text.utf8.count == 254)
        #expect(throws: EmailAddressError.tooLong) { try EmailAddress("l" + longest) }
    }

    @Test func theLimitCountsTheDomainInPunycode() {
        // 64 + 1 + 180 characters as written, above 254 as SES would get them.
        let label = String(repeating: "é", count: 40)
        let text = "\(Self.longLabel)a@\(label).\(label).\(label).\(label).example.com"
        #expect(text.unicodeScalars.count <= 254)
        #expect(throws: EmailAddressError.tooLong) { try EmailAddress(text) }
    }
}
