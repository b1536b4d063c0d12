/// Reads typed fields out of a JSON value and keeps everything that is wrong, so that whoever sent it can mend it at
/// once. A method returns nil when it has added a violation; whoever calls it reads on and asks ``violations`` at the end.
package struct JSONReader {
    /// More than this are counted and no longer described: a reason must stay readable.
    package static let mostViolations = 50

    private var kept: [JSONViolation] = []
    private var others = 0

    package init() {}

    package var violations: [JSONViolation] {
        guard others > 0 else { return kept }
        return kept + [JSONViolation(path: "$", expected: "fewer violations", found: "\(others) more")]
    }

    package mutating func refuse(_ field: JSONField, expected: String, found: String? = nil) {
        guard kept.count < Self.mostViolations else {
            others += 1
            return
        }
        kept.append(JSONViolation(path: field.path, expected: expected, found: found ?? field.found))
    }

    /// The field itself, when it is an object.
    package mutating func object(_ field: JSONField) -> JSONField? {
        guard case .object = field.value else { return refused(field, "an object") }
        return field
    }

    package mutating func array(_ field: JSONField, count: ClosedRange<Int>) -> [JSONField]? {
        guard case .array(let elements) = field.value else { return refused(field, "an array") }
        guard count.contains(elements.count) else {
            refuse(field, expected: "\(count.lowerBound) to \(count.upperBound) elements", found: "\(elements.count)")
            return nil
        }
        return elements.enumerated().map { JSONField(path: "\(field.path)[\($0.offset)]", value: $0.element) }
    }

    /// A text of one line: no control characters, no line separators. The length counts Unicode scalars, as JSON Schema
    /// does.
    package mutating func line(_ field: JSONField, length: ClosedRange<Int>) -> String? {
        guard case .string(let text) = field.value else { return refused(field, "a string") }
        let count = text.unicodeScalars.count
        guard length.contains(count) else {
            refuse(field, expected: "\(length.lowerBound) to \(length.upperBound) characters", found: "\(count)")
            return nil
        }
        guard !text.unicodeScalars.contains(where: \.isControlOrLineBreak) else {
            return refused(field, "text without control characters and line breaks")
        }
        return text
    }

    /// A number without fraction and exponent.
    package mutating func integer(_ field: JSONField, in range: ClosedRange<Int64>) -> Int64? {
        guard let integer = field.value?.integer, range.contains(integer) else {
            return refused(field, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    package mutating func timestamp(_ field: JSONField) -> Timestamp? {
        guard let text = field.value?.text, let timestamp = Timestamp(rfc3339: text) else {
            return refused(field, "a time as in RFC 3339, like 2026-11-23T21:04:05Z")
        }
        return timestamp
    }

    package mutating func refused<Value>(_ field: JSONField, _ expected: String) -> Value? {
        refuse(field, expected: expected)
        return nil
    }
}

/// A place in a JSON document and what stands there.
package struct JSONField: Hashable, Sendable {
    /// `$.lines[2].quantity`
    package let path: String
    /// Nil when the member is not there.
    package let value: JSON?

    package init(path: String = "$", value: JSON?) {
        self.path = path
        self.value = value
    }

    package subscript(name: String) -> JSONField { JSONField(path: "\(path).\(name)", value: value?[name]) }

    /// Neither missing nor `null`.
    package var isGiven: Bool { value != nil && value != .null }

    /// The value in a few words, fit for a message.
    package var found: String {
        switch value {
        case nil: "nothing"
        case .number, .string, .bool: Self.shortened(value?.description ?? "")
        case .null, .array, .object: value?.kind ?? ""
        }
    }

    private static let longestFound = 80

    private static func shortened(_ text: String) -> String {
        text.unicodeScalars.count <= longestFound ? text : String(text.unicodeScalars.prefix(longestFound)) + "…"
    }
}

/// One thing that is wrong with a JSON document: where, what was expected, what was found.
package struct JSONViolation: Hashable, Sendable, CustomStringConvertible {
    /// `$.lines[2].quantity`
    package let path: String
    package let expected: String
    package let found: String

    package init(path: String, expected: String, found: String) {
        self.path = path
        self.expected = expected
        self.found = found
    }

    package var description: String { "\(path): expected \(expected), found \(found)" }
}

extension Unicode.Scalar {
    /// U+0000 to U+001F, U+007F to U+009F, and the two separators that Unicode counts as line breaks.
    package var isControlOrLineBreak: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }
}
