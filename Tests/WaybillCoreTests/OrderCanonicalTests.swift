import Testing
import WaybillCore

@Suite struct OrderCanonicalTests {
    @Test func theCanonicalFormIsTheSameForEver() throws {
        // Hashes of it stand in records that live for a year: a change of one byte would make every repeat a conflict.
        let canonical = String(decoding: try order(OrderTexts.valid).canonical, as: UTF8.self)
        #expect(
            canonical == """
                {"currency":"EUR","customer":{"email":"zoe@xn--mller-kva.example","name":"Zoë Müller"},\
                "lines":[{"name":"Pen","quantity":2,"unitPrice":1250},{"name":"Voucher","quantity":1,"unitPrice":-500}],\
                "locale":"de-de","orderId":"A-1","placedAt":1795467845678000,"reference":"basket 9f2c","total":2000}
                """
        )
    }

    @Test(arguments: [
        ("\"12.50\"", "1250"), ("\"12.50\"", "\"12.5\""), ("-500", "\"-5\""), ("\"20.00\"", "2000"),
        ("22:04:05.678+01:00", "21:04:05.678Z"), ("22:04:05.678+01:00", "21:04:05.678000Z"), ("de-DE", "DE-de"),
        ("zoe@Müller.example", "zoe@MÜLLER.Example"), ("zoe@Müller.example", "zoe@xn--mller-kva.example"),
        ("\"A-1\"", "\"\\u0041-1\""), ("\"total\"", " \"x\" : [ 1 ] , \n \"total\""),
        ("\"total\"", "\"brand\":\"default\",\"total\""), ("\"total\"", "\"brand\":null,\"total\""),
        ("\"currency\":\"EUR\",", ""), ("{\"name\":\"Pen\",\"quantity\":2", "{\"quantity\":2,\"name\":\"Pen\""),
    ])
    func anotherSpellingOfTheSameOrderGivesTheSameBytes(replace: String, by: String) throws {
        var text = OrderTexts.valid.replacing(replace, with: by)
        #expect(text != OrderTexts.valid)
        if by.isEmpty { text = text.replacing("{\"orderId\"", with: "{\"currency\":\"EUR\",\"orderId\"") }
        #expect(try order(text).canonical == order(OrderTexts.valid).canonical)
    }

    @Test(arguments: [
        ("\"A-1\"", "\"A-2\""), ("zoe@", "Zoe@"), ("Zoë Müller", "Zoe Müller"), ("\"EUR\"", "\"USD\""), ("Pen", "Pin"),
        ("\"total\"", "\"brand\":\"papeterie\",\"total\""), (".678+", ".679+"), ("de-DE", "de-AT"),
        ("basket 9f2c", "basket 9f2d"), (",\"reference\":\"basket 9f2c\"", ""),
        ("\"quantity\":2,\"unitPrice\":\"12.50\"", "\"quantity\":1,\"unitPrice\":\"25.00\""),
    ])
    func anotherOrderGivesOtherBytes(replace: String, by: String) throws {
        let text = OrderTexts.valid.replacing(replace, with: by)
        #expect(text != OrderTexts.valid)
        #expect(try order(text).canonical != order(OrderTexts.valid).canonical)
    }

    @Test func theCanonicalFormOfADifferentlyComposedLetterDiffersByItsBytes() throws {
        let composed = try order(OrderTexts.valid)
        let decomposed = try order(OrderTexts.valid.replacing("Zoë", with: "Zoe\u{308}"))
        #expect(composed.canonical != decomposed.canonical)
    }

    private func order(_ text: String) throws -> Order { try OrderReader.read(text.utf8).get() }
}
