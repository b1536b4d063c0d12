extension JSONParser {
    /// The string that starts at the quote under the position.
    mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        try skipPlain()
        if peek == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try text(bytes[start..<position])
        }
        return try escapedString(from: start)
    }

    /// The rest of a string that holds an escape, the first of which is under the position.
    private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var resolved = try validated(bytes[start..<position])
        while skip(UInt8(ascii: "\\")) {
            try escape(into: &resolved)
            let run = position
            try skipPlain()
            resolved += try validated(bytes[run..<position])
        }
        position += 1
        return String(decoding: resolved, as: UTF8.self)
    }

    /// Skips to the next quote or backslash, which is there.
    private mutating func skipPlain() throws(JSONSyntaxError) {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): return
            case 0..<0x20: throw expected("a control character to be escaped in a string")
            default: position += 1
            }
        }
        throw expected("a closing quote")
    }

    private mutating func escape(into output: inout [UInt8]) throws(JSONSyntaxError) {
        let escape = peek
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(bytes[position - 1])
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"): output += String(try scalar()).utf8
        default:
            position -= 1
            throw expected("one of \" \\ / b f n r t u after a backslash")
        }
    }

    /// The scalar of `\uXXXX`, or of two of them that are a surrogate pair; the position is behind the first `u`.
    private mutating func scalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = position - 2
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
            throw error(at: start, "a surrogate pair", "a lone surrogate")
        }
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else { throw error(at: start, "a surrogate pair", "a lone surrogate") }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = peek.flatMap(hexadecimalValue) else { throw expected("a hexadecimal digit") }
            unit = unit << 4 | digit
            position += 1
        }
        return unit
    }

    private func text(_ run: ArraySlice<UInt8>) throws(JSONSyntaxError) -> String {
        // Nearly every string is ASCII, and validation costs several times as much as this look.
        if run.allSatisfy({ $0 < 0x80 }) { return String(decoding: run, as: UTF8.self) }
        guard let text = String(validating: run, as: UTF8.self) else { throw invalidUTF8(in: run) }
        return text
    }

    /// The run itself. It is checked by itself, so that two halves of a character on both sides of an escape are refused.
    private func validated(_ run: ArraySlice<UInt8>) throws(JSONSyntaxError) -> [UInt8] {
        _ = try text(run)
        return Array(run)
    }

    private func invalidUTF8(in run: ArraySlice<UInt8>) -> JSONSyntaxError {
        var offset = run.startIndex
        var decoder = UTF8.ForwardParser()
        var iterator = run.makeIterator()
        while case .valid(let scalar) = decoder.parseScalar(from: &iterator) { offset += scalar.count }
        return error(at: offset, "valid UTF-8", found(at: offset))
    }
}

private func hexadecimalValue(_ digit: UInt8) -> UInt16? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(digit - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(digit - UInt8(ascii: "A") + 10)
    default: nil
    }
}
