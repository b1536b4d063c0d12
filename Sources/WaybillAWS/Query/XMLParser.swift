/// Reads elements with a stack, never by recursion.
struct XMLParser {
    /// AWS's answers are five deep.
    private static let deepest = 32

    private let bytes: [UInt8]
    private var position = 0
    private var open: [XMLElement] = []
    private var root: XMLElement?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(XMLSyntaxError) -> XMLElement {
        while position < bytes.count {
            if bytes[position] != UInt8(ascii: "<") {
                try characters()
            } else if skip("<?") {
                try skipPast("?>")
            } else if skip("<!--") {
                try skipPast("-->")
            } else if skip("<![CDATA[") {
                try literal()
            } else if skip("</") {
                try endTag()
            } else {
                try startTag()
            }
        }
        guard open.isEmpty, let root else { throw expected("the end of \(open.last?.name ?? "an element")") }
        return root
    }

    private mutating func characters() throws(XMLSyntaxError) {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
        let text = try unescaped(start..<position)
        guard !open.isEmpty else {
            guard text.allSatisfy(\.isWhitespace) else { throw expected("an element") }
            return
        }
        open[open.count - 1].text += text
    }

    private mutating func literal() throws(XMLSyntaxError) {
        let start = position
        try skipPast("]]>")
        guard !open.isEmpty else { throw expected("an element") }
        open[open.count - 1].text += String(decoding: bytes[start..<position - 3], as: UTF8.self)
    }

    private mutating func startTag() throws(XMLSyntaxError) {
        position += 1
        let name = try tagName()
        guard open.count < Self.deepest else { throw expected("at most \(Self.deepest) elements in each other") }
        guard root == nil || !open.isEmpty else { throw expected("one root") }
        let isEmpty = try skipAttributes()
        open.append(XMLElement(name: name))
        if isEmpty { close() }
    }

    private mutating func endTag() throws(XMLSyntaxError) {
        let name = try tagName()
        while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
        guard let element = open.last, element.name == name, skip(">") else {
            throw expected("the end of \(open.last?.name ?? "nothing")")
        }
        close()
    }

    private mutating func close() {
        guard let element = open.popLast() else { preconditionFailure("an element is closed that was opened") }
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
    }

    /// The name without its namespace's prefix.
    private mutating func tagName() throws(XMLSyntaxError) -> String {
        let start = position
        while position < bytes.count, !Self.isBlank(bytes[position]),
            bytes[position] != UInt8(ascii: ">"), bytes[position] != UInt8(ascii: "/")
        { position += 1 }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let first = name.first, first.isLetter || first == "_" else { throw expected("the name of an element") }
        return name.split(separator: ":").last.map { String($0) } ?? name
    }

    /// True when the tag closes itself.
    private mutating func skipAttributes() throws(XMLSyntaxError) -> Bool {
        var quote: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return bytes[position - 2] == UInt8(ascii: "/")
            }
        }
        throw expected(">")
    }

    private func unescaped(_ range: Range<Int>) throws(XMLSyntaxError) -> String {
        let text = String(decoding: bytes[range], as: UTF8.self)
        guard text.contains("&") else { return text }
        var output = ""
        var rest = text[...]
        while let ampersand = rest.firstIndex(of: "&") {
            output += rest[..<ampersand]
            guard let semicolon = rest[ampersand...].firstIndex(of: ";"),
                let character = Self.character(rest[rest.index(after: ampersand)..<semicolon])
            else { throw expected("a character reference") }
            output.unicodeScalars.append(character)
            rest = rest[rest.index(after: semicolon)...]
        }
        return output + rest
    }

    private static func character(_ reference: Substring) -> Unicode.Scalar? {
        switch reference {
        case "lt": "<"
        case "gt": ">"
        case "amp": "&"
        case "quot": "\""
        case "apos": "'"
        default: numbered(reference)
        }
    }

    private static func numbered(_ reference: Substring) -> Unicode.Scalar? {
        guard reference.hasPrefix("#") else { return nil }
        let digits = reference.dropFirst()
        let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap { Unicode.Scalar($0) }
    }

    private mutating func skip(_ text: StaticString) -> Bool {
        let wanted = Array(text.description.utf8)
        guard bytes[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func skipPast(_ text: StaticString) throws(XMLSyntaxError) {
        while position < bytes.count {
            if skip(text) { return }
            position += 1
        }
        throw expected(text.description)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private func expected(_ what: String) -> XMLSyntaxError {
        XMLSyntaxError(offset: position, expected: what)
    }
}
