import Testing

struct OrderFault: Sendable, CustomTestStringConvertible {
    let replace: String
    let by: String
    let reported: [String]

    init(_ replace: String, _ by: String, _ reported: String...) {
        self.replace = replace
        self.by = by
        self.reported = reported
    }

    var testDescription: String { by }
}

enum OrderTexts {
    static let valid = """
        {"orderId":"A-1","customer":{"email":"zoe@Müller.example","name":"Zoë Müller"},"currency":"EUR",\
        "lines":[{"name":"Pen","quantity":2,"unitPrice":"12.50"},{"name":"Voucher","quantity":1,"unitPrice":-500}],\
        "total":"20.00","placedAt":"2026-11-23T22:04:05.678+01:00","locale":"de-DE","reference":"basket 9f2c"}
        """

    static func with(lines: [(quantity: String, unitPrice: String)], total: String) -> String {
        let lines = lines.map { "{\"name\":\"x\",\"quantity\":\($0.quantity),\"unitPrice\":\($0.unitPrice)}" }
        return """
            {"orderId":"A-1","customer":{"email":"a@example.com","name":"A"},"currency":"USD",\
            "lines":[\(lines.joined(separator: ","))],"total":\(total),"placedAt":"2026-11-23T21:04:05Z","locale":"en"}
            """
    }

    private static let address = "$.customer.email: expected "
    private static let quantity = "$.lines[0].quantity: expected a whole number from 1 to 1000000, found "
    private static let price =
        "$.lines[0].unitPrice: expected money: a string with at most 2 digits after the point, "
        + "or a whole number of minor units, found "
    private static let plain = "expected text without control characters and line breaks, found "
    private static let id = "$.orderId: expected a string of 1 to 128 bytes without control characters, found "

    private static let brand = "$.brand: expected a brand's name, 1 to 40 of a-z, 0-9 and -, found "

    static let faults: [OrderFault] = [
        OrderFault("\"A-1\"", "7", id + "7"),
        OrderFault("\"A-1\"", "\"\"", id + "\"\""),
        OrderFault("\"A-1\"", "\"A\\r\\n1\"", id + "\"A\\r\\n1\""),
        OrderFault("\"A-1\"", "\"A\\u00001\"", id + "\"A\\u00001\""),
        OrderFault("\"A-1\"", "null", id + "null"),
        OrderFault(
            "zoe@",
            "Zoe <zoe@",
            address + "a bare address like name@example.com, found \"Zoe <zoe@Müller.example\""
        ),
        OrderFault(
            "zoe@",
            "zo\\r\\nBcc: x@",
            address + "an address without control characters, found \"zo\\r\\nBcc: x@Müller.example\""
        ),
        OrderFault(
            "zoe@",
            "zoë@",
            address + "a 7-bit name before the @ (SES takes no other), found \"zoë@Müller.example\""
        ),
        OrderFault("\"zoe@Müller.example\"", "{}", address + "a string, found an object"),
        OrderFault("Zoë Müller", "   ", "$.customer.name: expected a name that is not blank, found \"   \""),
        OrderFault("Zoë Müller", "Zoë\\nMüller", "$.customer.name: \(plain)\"Zoë\\nMüller\""),
        OrderFault("Zoë Müller", "Zoë\\u2028M", "$.customer.name: \(plain)\"Zoë\u{2028}M\""),
        OrderFault("Pen", "P\\u0000n", "$.lines[0].name: \(plain)\"P\\u0000n\""),
        OrderFault("Pen", "P\\u009bn", "$.lines[0].name: \(plain)\"P\u{9B}n\""),
        OrderFault(
            "\"EUR\"",
            "\"eur\"",
            "$.currency: expected a currency of ISO 4217, three upper-case letters, found \"eur\""
        ),
        OrderFault(
            "\"EUR\"",
            "\"XAU\"",
            "$.currency: expected a currency of ISO 4217, three upper-case letters, found \"XAU\""
        ),
        OrderFault("\"quantity\":2", "\"quantity\":-2", quantity + "-2"),
        OrderFault("\"quantity\":2", "\"quantity\":0", quantity + "0"),
        OrderFault("\"quantity\":2", "\"quantity\":2.0", quantity + "2.0"),
        OrderFault("\"quantity\":2", "\"quantity\":2e0", quantity + "2e0"),
        OrderFault("\"quantity\":2", "\"quantity\":\"2\"", quantity + "\"2\""),
        OrderFault("\"quantity\":2", "\"quantity\":1000001", quantity + "1000001"),
        OrderFault("\"quantity\":2", "\"quantity\":99999999999999999999", quantity + "99999999999999999999"),
        OrderFault("\"12.50\"", "12.50", price + "12.50"),
        OrderFault("\"12.50\"", "1e3", price + "1e3"),
        OrderFault("\"12.50\"", "\"12.500\"", price + "\"12.500\""),
        OrderFault("\"12.50\"", "\"12,50\"", price + "\"12,50\""),
        OrderFault("\"12.50\"", "\"92233720368547758.08\"", price + "\"92233720368547758.08\""),
        OrderFault("\"12.50\"", "9223372036854775808", price + "9223372036854775808"),
        OrderFault("\"12.50\"", "true", price + "true"),
        OrderFault(
            "\"20.00\"",
            "\"20.01\"",
            "$.total: expected 20.00, the sum of quantity times unitPrice, found 20.01"
        ),
        OrderFault("\"20.00\"", "20", "$.total: expected 20.00, the sum of quantity times unitPrice, found 0.20"),
        OrderFault(
            "\"12.50\"",
            "\"2.00\"",
            "$.total: expected -1.00, the sum of quantity times unitPrice, found 20.00"
        ),
        OrderFault(
            "\"20.00\"",
            "\"-20.00\"",
            "$.total: expected a total that is not below zero, found \"-20.00\"",
            "$.total: expected 20.00, the sum of quantity times unitPrice, found -20.00"
        ),
        OrderFault(
            "22:04:05",
            "25:04:05",
            "$.placedAt: expected a time as in RFC 3339, like 2026-11-23T21:04:05Z, found \"2026-11-23T25:04:05.678+01:00\""
        ),
        OrderFault(
            "\"2026-11-23T22:04:05.678+01:00\"",
            "1795467845",
            "$.placedAt: expected a time as in RFC 3339, like 2026-11-23T21:04:05Z, found 1795467845"
        ),
        OrderFault("de-DE", "de_DE", "$.locale: expected a language tag of BCP 47, like en or de-DE, found \"de_DE\""),
        OrderFault("\"total\"", "\"brand\":\"\",\"total\"", brand + "\"\""),
        OrderFault("\"total\"", "\"brand\":\"Shop\",\"total\"", brand + "\"Shop\""),
        OrderFault("\"total\"", "\"brand\":\"a\\r\\nBcc: x\",\"total\"", brand + "\"a\\r\\nBcc: x\""),
        OrderFault("\"total\"", "\"brand\":7,\"total\"", brand + "7"),
        OrderFault("\"basket 9f2c\"", "17", "$.reference: expected a string, found 17"),
        OrderFault("basket", "bas\\tket", "$.reference: \(plain)\"bas\\tket 9f2c\""),
    ]
}
