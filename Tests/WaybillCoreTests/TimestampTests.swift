import Testing
import WaybillCore

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-23T21:04:05Z", 1_795_467_845_000_000),
        ("2026-11-23T21:04:05.678Z", 1_795_467_845_678_000), ("2026-11-23T21:04:05.1234567Z", 1_795_467_845_123_456),
        ("2026-11-23t21:04:05z", 1_795_467_845_000_000), ("2026-11-23 21:04:05Z", 1_795_467_845_000_000),
        ("2026-11-23T23:04:05+02:00", 1_795_467_845_000_000), ("2026-11-23T15:34:05-05:30", 1_795_467_845_000_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000), ("2000-03-01T00:00:00Z", 951_868_800_000_000),
        ("1969-12-31T23:59:59.999Z", -1000), ("0000-01-01T00:00:00Z", -62_167_219_200_000_000),
        ("9999-12-31T23:59:59Z", 253_402_300_799_000_000), ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
    ])
    func aTimeOfRFC3339IsReadToTheMicrosecond(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text) == Timestamp(microseconds: microseconds))
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-11-23T21:04:05", "2026-11-23T21:04Z", "2026-11-23T24:00:00Z", "2026-11-23T21:60:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
        "2026-11-31T00:00:00Z", "26-11-23T21:04:05Z", "2026-11-23T21:04:05.Z", "2026-11-23T21:04:05+0200",
        "2026-11-23T21:04:05+24:00", "2026-11-23T21:04:05Z ", " 2026-11-23T21:04:05Z", "+026-11-23T21:04:05Z",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2026-11-23T21:04:05ZZ", "２026-11-23T21:04:05Z",
    ])
    func anythingElseIsNoTime(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func everyDayOfFourHundredYearsIsWrittenAndReadBack() {
        var previous = ""
        for day in stride(from: Int64(-25_567), to: 146_097 - 25_567, by: 1) {
            let timestamp = Timestamp(seconds: day * 86_400 + 1)
            #expect(Timestamp(rfc3339: timestamp.rfc3339) == timestamp)
            #expect(previous < timestamp.day)
            previous = timestamp.day
        }
    }

    @Test func theFormsOfAWSAreWrittenInUTC() {
        let timestamp = Timestamp(microseconds: 1_795_467_845_678_901)
        #expect(timestamp.amzDate == "20261123T210405Z")
        #expect(timestamp.day == "2026-11-23")
        #expect(timestamp.rfc3339 == "2026-11-23T21:04:05.678Z")
        #expect(timestamp.seconds == 1_795_467_845)
        #expect(Timestamp(microseconds: -1).seconds == -1)
    }
}

@Suite struct TextEncodingTests {
    /// RFC 4648, section 10, with the URL alphabet and no padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("??>>", "Pz8-Pg"),
        ("\u{7FF}\u{7FF}", "37_fvw"),
    ])
    func base64URLIsThatOfTheStandard(text: String, encoded: String) {
        #expect(Base64URL.encode(text.utf8) == encoded)
        #expect(Base64URL.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["A", "AAAAA", "Zg==", "Zh", "Zm9", "Z+8", "Z/8", "Z g", "é"])
    func whatIsNotBase64URLIsRefused(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func hexIsReadInBothCasesAndWrittenInOne() {
        #expect(Hex.encode([0x00, 0x9F, 0xFF]) == "009fff")
        #expect(Hex.decode("009FfF") == [0x00, 0x9F, 0xFF])
        #expect(Hex.decode("") == [])
        for text in ["0", "0g", "0x00", "é"] { #expect(Hex.decode(text) == nil) }
    }
}
