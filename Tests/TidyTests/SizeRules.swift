/// Limits of size: what is longer wants to be split along its ideas.
enum SizeRules {
    static let maximumFileLines = 500
    static let maximumFunctionLines = 70

    static func fileLength(_ file: SourceFile) -> [Violation] {
        let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
        guard count > maximumFileLines else { return [] }
        return [Violation(path: file.path, line: 1, reason: "\(count) lines; at most \(maximumFileLines)")]
    }

    static func functionLength(_ file: SourceFile) -> [Violation] {
        functions(of: file).compactMap { name, first, last in
            let count = last - first + 1
            guard count > maximumFunctionLines else { return nil }
            let reason = "\(name) has \(count) lines; at most \(maximumFunctionLines)"
            return Violation(path: file.path, line: first, reason: reason)
        }
    }

    /// Every function, initializer and deinitializer that has a body, from its keyword's line to its last brace's.
    private static func functions(of file: SourceFile) -> [(name: String, first: Int, last: Int)] {
        let beginning = /(?:^|[^.\w])(func\s+[^\s(<]+|init[?!]?|deinit)\s*(?:[(<{]|$)/
        return file.code.enumerated().compactMap { index, line in
            guard line.contains("func") || line.contains("init"), let match = line.firstMatch(of: beginning)
            else { return nil }
            let column = line.utf8.distance(from: line.startIndex, to: match.1.startIndex)
            guard let last = lastLine(of: file.code, from: index, column: column) else { return nil }
            return (String(match.1), index + 1, last + 1)
        }
    }

    /// The line of the brace that closes the body; nil for a requirement of a protocol, and for a call of `init`.
    private static func lastLine(of code: [String], from first: Int, column: Int) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in first..<code.count {
            if index > first, braces == 0, parentheses == 0, beginsDeclaration(code[index]) { return nil }
            // Bytes, because they are read much faster than characters and all that counts here is ASCII.
            for byte in code[index].utf8.dropFirst(index == first ? column : 0) {
                switch byte {
                case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
                case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
                case UInt8(ascii: "{") where parentheses == 0 || braces > 0: braces += 1
                case UInt8(ascii: "}") where parentheses == 0 || braces > 0:
                    braces -= 1
                    if braces <= 0 { return braces == 0 ? index : nil }
                default: break
                }
            }
        }
        return nil
    }

    private static func beginsDeclaration(_ line: String) -> Bool {
        let modifiers = /^\s*(?:@\w+\s+)*(?:(?:package|private|public|static|mutating|nonisolated)\s+)*/
        let keyword = line[(line.firstMatch(of: modifiers)?.range.upperBound ?? line.startIndex)...].prefix {
            $0.isLetter
        }
        return ["func", "var", "let", "init", "case"].contains(keyword)
    }
}
