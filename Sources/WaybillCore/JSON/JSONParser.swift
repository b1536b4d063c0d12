extension JSON {
    /// What a document may cost before it is refused.
    package struct Limits: Hashable, Sendable {
        package var bytes: Int
        package var depth: Int

        package init(bytes: Int = JSON.largestDocumentBytes, depth: Int = JSON.deepestNesting) {
            self.bytes = bytes
            self.depth = depth
        }
    }

    /// Twice DynamoDB's largest answer (16 MB), so that escapes have room. What comes from strangers gets a tighter limit.
    package static let largestDocumentBytes = 32 * 1024 * 1024

    /// No message here nests deeper than ten. The parser, the writer and the release of a value recurse, so this bounds
    /// their stack.
    package static let deepestNesting = 96

    /// Reads one JSON text as RFC 8259 defines it: UTF-8 without a byte order mark, numbers kept as written, escapes
    /// resolved, no lone surrogates. A member name that stands twice in an object is refused: whichever were taken, some
    /// other reader would take the other.
    package static func parse(
        _ bytes: some Collection<UInt8>,
        limits: Limits = Limits()
    ) throws(JSONSyntaxError) -> JSON {
        guard bytes.count <= limits.bytes else {
            throw JSONSyntaxError(
                offset: limits.bytes,
                line: 1,
                expected: "at most \(limits.bytes) bytes",
                found: "\(bytes.count)"
            )
        }
        var parser = JSONParser(bytes: Array(bytes), deepest: limits.depth)
        return try parser.document()
    }
}

/// Where a text stops being JSON, and what would have been.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bytes before the fault.
    package let offset: Int
    /// Counted from 1.
    package let line: Int
    package let expected: String
    package let found: String

    package var description: String { "line \(line), byte \(offset): expected \(expected), found \(found)" }
}

/// A recursive descent over the bytes. Strings are made once, from runs of bytes.
struct JSONParser {
    let bytes: [UInt8]
    let deepest: Int
    var position = 0

    init(bytes: [UInt8], deepest: Int) {
        self.bytes = bytes
        self.deepest = deepest
    }

    mutating func document() throws(JSONSyntaxError) -> JSON {
        let value = try value(depth: 0)
        skipBlanks()
        guard position == bytes.count else { throw expected("the end") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSON {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try members(depth: try deeper(depth)))
        case UInt8(ascii: "["): return .array(try elements(depth: try deeper(depth)))
        case UInt8(ascii: "-"): return .number(try number())
        case let digit? where isDigit(digit): return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw expected("a value")
        }
    }

    private func deeper(_ depth: Int) throws(JSONSyntaxError) -> Int {
        guard depth < deepest else { throw expected("at most \(deepest) levels of nesting") }
        return depth + 1
    }

    private mutating func elements(depth: Int) throws(JSONSyntaxError) -> [JSON] {
        position += 1
        skipBlanks()
        if skip(UInt8(ascii: "]")) { return [] }
        var elements: [JSON] = []
        while true {
            elements.append(try value(depth: depth))
            skipBlanks()
            if skip(UInt8(ascii: "]")) { return elements }
            guard skip(UInt8(ascii: ",")) else { throw expected("',' or ']'") }
        }
    }

    private mutating func members(depth: Int) throws(JSONSyntaxError) -> [JSON.Member] {
        position += 1
        skipBlanks()
        if skip(UInt8(ascii: "}")) { return [] }
        var members: [JSON.Member] = []
        var names = MemberNames()
        while true {
            skipBlanks()
            let start = position
            guard peek == UInt8(ascii: "\"") else { throw expected("a member name in quotes") }
            let name = try string()
            guard names.insert(name, beside: members) else {
                throw error(at: start, "a member name that did not occur before in this object", "a repeated name")
            }
            skipBlanks()
            guard skip(UInt8(ascii: ":")) else { throw expected("':'") }
            members.append(JSON.Member(name, try value(depth: depth)))
            skipBlanks()
            if skip(UInt8(ascii: "}")) { return members }
            guard skip(UInt8(ascii: ",")) else { throw expected("',' or '}'") }
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        for byte in "\(word)".utf8 {
            guard skip(byte) else { throw expected("'\(word)'") }
        }
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> String {
        let start = position
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try digits() }
        if skip(UInt8(ascii: ".")) { try digits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try digits()
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// One digit or more.
    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        guard position > start else { throw expected("a digit") }
    }
}

extension JSONParser {
    /// The byte to be read next, or nil at the end.
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    func expected(_ what: String) -> JSONSyntaxError { error(at: position, what, found(at: position)) }

    func error(at offset: Int, _ expected: String, _ found: String) -> JSONSyntaxError {
        let line = 1 + bytes[..<min(offset, bytes.count)].count { $0 == 0x0A }
        return JSONSyntaxError(offset: offset, line: line, expected: expected, found: found)
    }

    func found(at offset: Int) -> String {
        guard offset < bytes.count else { return "the end" }
        let byte = bytes[offset]
        guard (0x20..<0x7F).contains(byte) else { return "byte 0x\(Hex.encode([byte]))" }
        return "'\(Unicode.Scalar(byte))'"
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// The names seen in one object. Few are compared one by one, many through a set: an object of a hundred thousand
/// members must not take a hundred thousand times as long.
private struct MemberNames {
    private static let comparedOneByOne = 16
    private var seen: Set<String> = []

    /// False when the name is among the members already. Equal means what it means to `JSON`'s subscript.
    mutating func insert(_ name: String, beside members: [JSON.Member]) -> Bool {
        guard members.count >= Self.comparedOneByOne else { return !members.contains { $0.name == name } }
        if seen.isEmpty { seen = Set(members.map(\.name)) }
        return seen.insert(name).inserted
    }
}
