import WaybillCore

/// Texts in the manner of Nicolas Seriot's JSONTestSuite: what RFC 8259 accepts and what it refuses.
enum JSONTexts {
    static let accepted: [(text: String, value: JSON)] = [
        ("null", .null),
        (" \t\r\n true \n", .bool(true)),
        ("false", .bool(false)),
        ("[]", .array([])),
        ("[ ]", .array([])),
        ("{}", .object([])),
        ("{ \n }", .object([])),
        ("[[]   ]", .array([.array([])])),
        ("[[],[[]]]", .array([.array([]), .array([.array([])])])),
        (#"{"":0}"#, .object([.init("", .number("0"))])),
        (#"{"a":[],"b":{}}"#, .object([.init("a", .array([])), .init("b", .object([]))])),
        (#"{"asd":"sdf", "dfg":"fgh"}"#, .object([.init("asd", .string("sdf")), .init("dfg", .string("fgh"))])),
        (#"{"foo\u0000bar": 42}"#, .object([.init("foo\0bar", .number("42"))])),
        (#"{"\ud834\udd1e":0}"#, .object([.init("𝄞", .number("0"))])),
        ("0", .number("0")),
        ("-0", .number("-0")),
        ("-0.0", .number("-0.0")),
        ("123", .number("123")),
        ("-1", .number("-1")),
        ("1E22", .number("1E22")),
        ("1E-2", .number("1E-2")),
        ("1E+2", .number("1E+2")),
        ("123e65", .number("123e65")),
        ("0e+1", .number("0e+1")),
        ("20e1", .number("20e1")),
        ("123.456e78", .number("123.456e78")),
        ("123.456789", .number("123.456789")),
        ("0.4e00669999999999999999999999", .number("0.4e00669999999999999999999999")),
        ("-0.00000000000000000000000000001", .number("-0.00000000000000000000000000001")),
        ("100000000000000000000", .number("100000000000000000000")),
        (#""""#, .string("")),
        (#""abc""#, .string("abc")),
        (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
        (#""\\a""#, .string("\\a")),
        (#""\\u0000""#, .string("\\u0000")),
        (#""\u0000""#, .string("\0")),
        (#""\u0060\u012a\u12AB""#, .string("\u{60}\u{12A}\u{12AB}")),
        (#""\uD801\udc37""#, .string("\u{10437}")),
        (#""\ud83d\ude39\ud83d\udc8d""#, .string("\u{1F639}\u{1F48D}")),
        (#""\uDBFF\uDFFF""#, .string("\u{10FFFF}")),
        (#""\uFFFF""#, .string(String(decoding: [0xEF, 0xBF, 0xBF], as: UTF8.self))),
        (#""\u0061\u30af\u30EA\u30b9""#, .string("aクリス")),
        (#""new\u000Aline""#, .string("new\nline")),
        ("\"\u{7F}\"", .string("\u{7F}")),
        ("\"\u{2028}\u{2029}\u{FEFF}\"", .string("\u{2028}\u{2029}\u{FEFF}")),
        ("\"π €𝄞 é\"", .string("π €𝄞 é")),
        (#""é\u00e9€\n""#, .string("éé€\n")),
        (
            #"["a",1,null,true,{"b":[2.50]}]"#,
            .array([
                .string("a"), .number("1"), .null, .bool(true), .object([.init("b", .array([.number("2.50")]))]),
            ])
        ),
    ]

    static let refused: [String] = [
        "", " ", "\u{FEFF}{}", "[", "]", "{", "}", "[1", "[1,", "[,1]", "[1,]", "[1,,2]", "[,]", "[1:2]", "[1 true]",
        "[1]]", "[1]x", "[\"a\"", "[\"\"", "[1}", "{1:1}", "{a:1}", "{'a':1}", "{\"a\"", "{\"a\":", "{\"a\":1",
        "{\"a\" 1}", "{\"a\",1}", "{:1}", "{,}", "{\"a\":1,}", "{\"a\":1,,\"b\":2}", "{\"a\":1 \"b\":2}", "{\"a\"::1}",
        "{\"a\":1]", "{\"a\":1}}", "{\"a\":1}#", "{\"a\":1}//", "{\"a\":1}/**/", "/**/1", "{null:1}", "{\"a\":\"a",
        "{[:1}",
        "+1", "++1", "-", "--1", "-a", "- 1", "01", "-01", "-012", "00", "0x1", "0x", ".1", "-.1", "1.", "-1.", "1.e1",
        "2.e3", "0.e1", "0.1.2", "1e", "1e+", "1e-", "1E", "0e", "0e+", "1eE2", "1.0e", "1.0e-", "1+2", "1 000",
        "1_000",
        "NaN", "-NaN", "Infinity", "-Infinity", "inf", "0.3e", "9.e+", "1a", "1.2a-3", "１", "0d1", "1ea",
        "nul", "nulL", "NULL", "True", "tru", "truee", "fals", "falsee", "nulll", "undefined", "a", "é", "*", "$",
        "\"", "\"a", "\"\\", "\"\\\"", "\"\\\\\\\"", "'a'", "\"\\a\"", "\"\\x00\"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"",
        "\"\\u123\"", "\"\\u123", "\"\\u00g0\"", "\"\\U0041\"", "\"\\ \"", "\"\\é\"", "\"\\u 041\"", "\"\\u+041\"",
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\n\"", "\"\\ud800\\ud800\"", "\"\\ud800\\u0041\"", "\"\\ud800abc\"",
        "\"\\udc00\\ud800\"", "\"\\ud800\\u\"", "\"\\ud800\\\"", "\"\\ud800\\ud\"", "\"\n\"", "\"\t\"", "\"\0\"",
        "\"\u{1F}\"",
        "\"a\"b", "\"a\" \"b\"", "1 2", "[] {}", "\u{C}[]", "[\u{C}]", "\u{A0}1", "1\u{A0}", "\u{2028}1", "\u{B}1",
        "\0", "1\0",
        "<null>", "[<null>]", "\"a\":1", "{\"a\":/*c*/1}", "{\"a\":\"b\"}#{}", "[\"x\", truth]", "[\u{2060}]",
        "{\"a\":1,\"a\":1}", "{\"a\":1,\"b\":2,\"a\":3}", "{\"\":1,\"\":2}",
    ]

    static let refusedBytes: [[UInt8]] = [
        [0xFF], [0xC3, 0xA9], [0xEF, 0xBB, 0xBF, 0x31], [0xFE, 0xFF], [0x00, 0x31], [0x31, 0x00],
        quoted([0xFF]), quoted([0x80]), quoted([0xC3]), quoted([0xC3, 0x28]), quoted([0xE2, 0x82]),
        // Overlong forms, a surrogate, beyond U+10FFFF, five bytes.
        quoted([0xC0, 0xAF]), quoted([0xC1, 0xBF]), quoted([0xE0, 0x80, 0xAF]), quoted([0xF0, 0x80, 0x80, 0xAF]),
        quoted([0xED, 0xA0, 0x80]), quoted([0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80]), quoted([0xF4, 0x90, 0x80, 0x80]),
        quoted([0xF8, 0x88, 0x80, 0x80, 0x80]), quoted([0x61, 0xE9, 0x62]),
        // Beside escapes, and a character torn apart by one.
        quoted([0x5C, 0x6E, 0xFF]), quoted([0xFF, 0x5C, 0x6E]), quoted([0xC3, 0x5C, 0x6E, 0xA9]),
        quoted([0x5C, 0xC3, 0xA9]), quoted([0x5C, 0x75, 0x30, 0x30, 0x36, 0xE5]),
        // In a member's name.
        [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D],
    ]

    private static func quoted(_ bytes: [UInt8]) -> [UInt8] { [0x22] + bytes + [0x22] }
}
