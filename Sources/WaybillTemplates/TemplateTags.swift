/// Checks a template's tags before Mustache reads it. Mustache prints nothing for a name it does not know, also where a
/// sample order does not lead it; here such a name is an error.
enum TemplateTags {
    /// What stands for text anywhere.
    private static let values: Set<String> = ["orderId", "customerName", "shop", "currency", "total", "placedOn"]
    /// What repeats, and what stands for text or decides within it.
    private static let list = "lines"
    private static let listValues: Set<String> = ["name", "quantity", "unitPrice", "amount"]
    private static let listFlags: Set<String> = ["several"]

    static func check(_ text: String) throws(TemplateFault) {
        var line = 1
        var open: [String] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "{{") {
            line += rest[..<start.lowerBound].count { $0.isNewline }
            guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
                throw TemplateFault(line: line, message: "expected }} at the end of the tag")
            }
            let tag = rest[start.upperBound..<end.lowerBound]
            try check(tag, line: line, open: &open)
            line += tag.count { $0.isNewline }
            rest = rest[end.upperBound...]
        }
        line += rest.count { $0.isNewline }
        if let name = open.last { throw TemplateFault(line: line, message: "expected {{/\(name)}} before the end") }
    }

    private static func check(_ tag: Substring, line: Int, open: inout [String]) throws(TemplateFault) {
        let tag = String(tag.filter { !$0.isWhitespace })
        let name = String(tag.dropFirst())
        let isInList = open.contains(list)
        switch tag.first {
        case "!": return
        case "#", "^":
            // An order has lines, so what stands under {{^lines}} would never be seen.
            let known = isInList ? listFlags : tag.first == "#" ? [list] : []
            guard known.contains(name) else { throw unknown("{{\(tag)}}", known, line) }
            open.append(name)
        case "/":
            guard open.popLast() == name else {
                throw TemplateFault(line: line, message: "expected the end of the innermost section, found {{\(tag)}}")
            }
        case "{", "&":
            throw TemplateFault(line: line, message: "expected {{\(name)}}, found it unescaped: {{\(tag)}}")
        case ">", "<", "$", "=", "%", "*":
            throw TemplateFault(line: line, message: "expected a value or a section, found {{\(tag)}}")
        default:
            let known = isInList ? values.union(listValues) : values
            guard known.contains(tag) else { throw unknown("{{\(tag)}}", known, line) }
        }
    }

    private static func unknown(_ tag: String, _ known: Set<String>, _ line: Int) -> TemplateFault {
        let names = known.isEmpty ? "no such section" : "one of " + known.sorted().joined(separator: ", ")
        return TemplateFault(line: line, message: "expected \(names), found \(tag)")
    }
}

struct TemplateFault: Error, Hashable, Sendable {
    let line: Int
    let message: String
}
