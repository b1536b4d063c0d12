/// Tells code from comments and string literals, as far as the rules need it.
enum SwiftText {
    /// The text with every byte of a comment or of a string literal replaced by a space; line breaks and the code inside
    /// an interpolation stay. Slashed regular expressions are not known to it: the project does not use them.
    static func code(of text: String) -> String {
        var scanner = Scanner(bytes: Array(text.utf8))
        scanner.scan()
        return String(decoding: scanner.output, as: UTF8.self)
    }

    private struct Scanner {
        /// Where the scanner stands: in code, possibly of an interpolation with so many open parentheses, or in a literal.
        enum Place {
            case code(depth: Int)
            case literal(quotes: Int, hashes: Int)
        }

        let bytes: [UInt8]
        var output: [UInt8] = []
        var position = 0
        var places: [Place] = [.code(depth: 0)]

        init(bytes: [UInt8]) {
            self.bytes = bytes
            output.reserveCapacity(bytes.count)
        }

        mutating func scan() {
            while position < bytes.count, let place = places.last {
                switch place {
                case .code(let depth): scanCode(depth: depth)
                case .literal(let quotes, let hashes): scanLiteral(quotes: quotes, hashes: hashes)
                }
            }
        }

        private mutating func scanCode(depth: Int) {
            if matches("//") {
                blank { $0.matches("\n") }
            } else if matches("/*") {
                blankBlockComment()
            } else if let (quotes, hashes) = literalBegins() {
                places.append(.literal(quotes: quotes, hashes: hashes))
                skip(quotes + hashes)
            } else {
                // An interpolation ends with the parenthesis that closes it.
                if matches("("), places.count > 1 { places[places.count - 1] = .code(depth: depth + 1) }
                if matches(")"), places.count > 1 {
                    if depth == 1 { places.removeLast() } else { places[places.count - 1] = .code(depth: depth - 1) }
                }
                output.append(bytes[position])
                position += 1
            }
        }

        private mutating func scanLiteral(quotes: Int, hashes: Int) {
            let mark = String(repeating: "#", count: hashes)
            if matches(String(repeating: "\"", count: quotes) + mark) {
                skip(quotes + hashes)
                places.removeLast()
            } else if matches("\\" + mark + "(") {
                skip(1 + hashes)
                output.append(UInt8(ascii: "("))
                position += 1
                places.append(.code(depth: 1))
            } else if matches("\\" + mark) {
                skip(2 + hashes)
            } else {
                skip(1)
            }
        }

        private mutating func blankBlockComment() {
            var depth = 0
            repeat {
                if matches("/*") {
                    depth += 1
                    skip(2)
                } else if matches("*/") {
                    depth -= 1
                    skip(2)
                } else {
                    skip(1)
                }
            } while depth > 0 && position < bytes.count
        }

        private mutating func blank(until ends: (Scanner) -> Bool) {
            while position < bytes.count, !ends(self) { skip(1) }
        }

        /// The quotes and hashes with which a literal begins here, if one does.
        private func literalBegins() -> (quotes: Int, hashes: Int)? {
            var hashes = 0
            while matches("#", ahead: hashes) { hashes += 1 }
            guard matches("\"", ahead: hashes) else { return nil }
            return (matches("\"\"\"", ahead: hashes) ? 3 : 1, hashes)
        }

        private func matches(_ text: String, ahead: Int = 0) -> Bool {
            bytes[min(position + ahead, bytes.count)...].starts(with: text.utf8)
        }

        /// Replaces so many bytes by spaces.
        private mutating func skip(_ count: Int) {
            for _ in 0..<count where position < bytes.count {
                output.append(bytes[position] == UInt8(ascii: "\n") ? bytes[position] : UInt8(ascii: " "))
                position += 1
            }
        }
    }
}
