/// A JSON value that keeps numbers as they were written: money is never a Double here.
package enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The digits as written, valid by RFC 8259.
    case number(String)
    case string(String)
    case array([JSON])
    /// Members in the order written. A name that stands twice is an error of the parser.
    case object([Member])

    package struct Member: Hashable, Sendable {
        package let name: String
        package let value: JSON

        package init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }
}

extension JSON {
    package static func number(_ value: some FixedWidthInteger) -> JSON { .number(String(value)) }

    /// The member of an object, or nil.
    package subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    package var elements: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    package var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The number, if it is one, whole, and fits.
    package var integer: Int64? {
        guard case .number(let digits) = self else { return nil }
        return Int64(digits)
    }

    package var boolean: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The word for this kind of value in an error message.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
