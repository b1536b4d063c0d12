/// A currency of ISO 4217 and how many digits its minor unit has.
package struct Currency: Hashable, Sendable {
    /// Three upper-case letters.
    package let code: String
    /// 2 for EUR and USD, 0 for JPY, 3 for KWD.
    package let minorDigits: Int

    package init(code: String, minorDigits: Int) {
        self.code = code
        self.minorDigits = minorDigits
    }

    /// The currency of a code of ISO 4217's list one, or nil. Metals, bond units and test codes have no minor unit and
    /// are not among them.
    package init?(code: String) {
        guard let minorDigits = Self.minorDigits[code] else { return nil }
        self.init(code: code, minorDigits: minorDigits)
    }

    package static let all: [Currency] =
        minorDigits.map { Currency(code: $0.key, minorDigits: $0.value) }.sorted { $0.code < $1.code }

    /// ISO 4217 as published on 2026-01-01, with ANG and BGN, which ended in 2025 and still stand in old orders.
    private static let minorDigits: [String: Int] = {
        let codes: [(digits: Int, codes: String)] = [
            (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
            (
                2,
                """
                AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
                CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ \
                GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK \
                MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB \
                SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN \
                UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
                """
            ),
            (3, "BHD IQD JOD KWD LYD OMR TND"),
            (4, "CLF UYW"),
        ]
        let pairs = codes.flatMap { entry in entry.codes.split(separator: " ").map { (String($0), entry.digits) } }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()
}
