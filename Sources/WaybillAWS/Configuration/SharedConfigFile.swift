/// A shared credentials or config file: sections of settings, names in lower case. A setting that stands indented under
/// another is named `outer.inner`. Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
struct SharedConfigFile {
    private(set) var sections: [String: [String: String]] = [:]

    /// `path` is named in errors.
    init(_ text: String, path: String) throws(AWSError) {
        var section: String?
        var outer: String?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let place = "\(path), line \(index + 1)"
            let isIndented = line.first == " " || line.first == "\t"
            let content = Self.withoutComment(line)
            guard !content.isEmpty else { continue }
            if content.hasPrefix("[") && !isIndented {
                section = try Self.sectionName(content, place: place)
                outer = nil
                continue
            }
            guard let section, let equals = content.firstIndex(of: "=") else {
                throw AWSError(.configuration, "\(place): expected [section] or name = value")
            }
            let name = content[..<equals].trimmingBlanks.lowercased()
            let value = String(content[content.index(after: equals)...].trimmingBlanks)
            if isIndented, let outer {
                sections[section, default: [:]]["\(outer).\(name)"] = value
            } else {
                sections[section, default: [:]][name] = value
                outer = name
            }
        }
    }

    private static func sectionName(_ line: Substring, place: String) throws(AWSError) -> String {
        guard let end = line.firstIndex(of: "]") else {
            throw AWSError(.configuration, "\(place): the section has no ]")
        }
        let words = line[line.index(after: line.startIndex)..<end].split(whereSeparator: \.isWhitespace)
        return words.joined(separator: " ")
    }

    /// A comment is a whole line, or begins with a blank and # or ;.
    private static func withoutComment(_ line: Substring) -> Substring {
        let content = line.trimmingBlanks
        if content.hasPrefix("#") || content.hasPrefix(";") { return "" }
        let ends = [" #", " ;", "\t#", "\t;"].compactMap { content.firstRange(of: $0)?.lowerBound }
        return content[..<(ends.min() ?? content.endIndex)].trimmingBlanks
    }
}

extension Substring {
    var trimmingBlanks: Substring {
        var text = self
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
