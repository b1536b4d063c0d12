import Testing
import WaybillCore

@Suite struct JSONParserTests {
    @Test(arguments: JSONTexts.accepted)
    func aValidTextIsReadAsItsValue(_ sample: (text: String, value: JSON)) throws {
        #expect(try JSON.parse(sample.text.utf8) == sample.value)
    }

    @Test(arguments: JSONTexts.refused)
    func anInvalidTextIsRefused(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(text.utf8) }
    }

    @Test(arguments: JSONTexts.refusedBytes)
    func invalidUTF8IsRefused(_ bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(bytes) }
    }

    @Test(arguments: JSONTexts.accepted)
    func everyPrefixOfAValidTextIsReadOrRefusedWithoutACrash(_ sample: (text: String, value: JSON)) throws {
        let bytes = Array(sample.text.utf8)
        for count in bytes.indices {
            do throws(JSONSyntaxError) {
                _ = try JSON.parse(bytes[..<count])
            } catch {
                #expect(error.offset <= count)
            }
        }
    }

    @Test(arguments: JSONTexts.accepted)
    func whatIsWrittenIsReadBack(_ sample: (text: String, value: JSON)) throws {
        #expect(try JSON.parse(sample.value.encoded) == sample.value)
    }

    @Test(arguments: [
        ("", 0, 1, "a value", "the end"),
        ("  tru", 5, 1, "'true'", "the end"),
        ("{\n \"a\": 1,\n \"b\" 2}", 16, 3, "':'", "'2'"),
        ("[1,\n2,\n]", 7, 3, "a value", "']'"),
        ("[1 2]", 3, 1, "',' or ']'", "'2'"),
        ("{\"a\":1,}", 7, 1, "a member name in quotes", "'}'"),
        ("{\"a\":1,\"a\":2}", 7, 1, "a member name that did not occur before in this object", "a repeated name"),
        ("\"a\u{1}\"", 2, 1, "a control character to be escaped in a string", "byte 0x01"),
        ("\"ab\\x\"", 4, 1, "one of \" \\ / b f n r t u after a backslash", "'x'"),
        ("\"ab\\ud800 \"", 3, 1, "a surrogate pair", "a lone surrogate"),
        ("1.", 2, 1, "a digit", "the end"),
        ("01", 1, 1, "the end", "'1'"),
        ("[] []", 3, 1, "the end", "'['"),
    ])
    func anErrorSaysWhereAndWhatWasExpected(text: String, offset: Int, line: Int, expected: String, found: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON.parse(text.utf8) }
        #expect(error?.offset == offset)
        #expect(error?.line == line)
        #expect(error?.expected == expected)
        #expect(error?.found == found)
        #expect(error?.description == "line \(line), byte \(offset): expected \(expected), found \(found)")
    }

    @Test func anErrorNamesTheFirstByteThatIsNotUTF8() {
        let text = Array("[\"aé".utf8) + [0xC3, 0x28, 0x22, 0x5D]
        let error = #expect(throws: JSONSyntaxError.self) { try JSON.parse(text) }
        #expect(error?.offset == 5)
        #expect(error?.expected == "valid UTF-8")
        #expect(error?.found == "byte 0xc3")
    }

    @Test func numbersKeepTheDigitsThatWereWritten() throws {
        let text = "[0.10,1e5,-0,123456789012345678901234567890.123456789]"
        #expect(try JSON.parse(text.utf8).description == text)
    }

    @Test func nestingIsReadToItsLimitAndNoDeeper() throws {
        let depth = JSON.deepestNesting
        let deepest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        _ = try JSON.parse(deepest.utf8)
        let error = #expect(throws: JSONSyntaxError.self) { try JSON.parse("[\(deepest)]".utf8) }
        #expect(error?.expected == "at most 96 levels of nesting")
        #expect(error?.offset == JSON.deepestNesting)
    }

    @Test func aMillionOpenBracketsAreRefusedWithoutExhaustingTheStack() {
        for bracket in ["[", "{\"\":"] {
            #expect(throws: JSONSyntaxError.self) {
                try JSON.parse(String(repeating: bracket, count: 1_000_000).utf8)
            }
        }
    }

    @Test func aTextOverTheSizeLimitIsRefusedBeforeItIsRead() throws {
        let limits = JSON.Limits(bytes: 4)
        #expect(try JSON.parse("[12]".utf8, limits: limits) == .array([.number(12)]))
        let error = #expect(throws: JSONSyntaxError.self) { try JSON.parse("[123]".utf8, limits: limits) }
        #expect(error?.expected == "at most 4 bytes")
    }

    @Test func aRepeatedNameIsFoundInALargeObjectToo() throws {
        let names = (0..<20_000).map { "\"n\($0)\":0" }
        #expect(try JSON.parse("{\(names.joined(separator: ","))}".utf8).members?.count == 20_000)
        for repeated in ["n0", "n15", "n16", "n19999"] {
            #expect(throws: JSONSyntaxError.self) {
                try JSON.parse("{\(names.joined(separator: ",")),\"\(repeated)\":1}".utf8)
            }
        }
    }

    @Test func theSameNameMayStandInAnotherObject() throws {
        let value = try JSON.parse(#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#.utf8)
        #expect(value["a"]?["a"] == .number(1))
        #expect(value["b"]?.elements?.count == 2)
    }

    @Test func aNameWrittenWithEscapesIsTheSameName() {
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(#"{"a":1,"\u0061":2}"#.utf8) }
    }
}
