import Testing
import WaybillCore

@Suite struct AddressKeyTests {
    @Test(
        arguments: [
            ("Ann@Example.COM", "ann@example.com"),
            ("ann@B\u{DC}CHER.example", "ann@xn--bcher-kva.example"),
            ("ann@bu\u{308}cher.example", "ann@xn--bcher-kva.example"),
            ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
            ("\"Ann B\"@example.com", "\"ann b\"@example.com"),
            // No address that SES takes: kept as it was told, in lower case.
            ("Zo\u{CB}@Example.com", "zo\u{EB}@example.com"), ("Nobody", "nobody"), ("", ""),
        ]
    )
    func spellingsOfOneAddressHaveOneKey(written: String, key: String) {
        #expect(AddressKey(written).text == key)
        #expect(AddressKey(key).text == key)
    }
}
