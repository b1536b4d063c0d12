/// Which of several shops an order belongs to: it decides the sender, the templates and the time zone of its email.
package struct BrandName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// It stands in every delivery record, as a part of the template's name.
    package static let longest = 40
    /// The brand of an order that names none.
    package static let standard = BrandName(known: "default")

    package let text: String

    /// 1 to 40 of `a-z`, `0-9` and `-`, or nil: names that look alike are one name.
    package init?(_ text: String) {
        let isAllowed = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        guard isAllowed, (1...Self.longest).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    private init(known text: String) {
        self.text = text
    }

    package var description: String { text }

    package static func < (left: BrandName, right: BrandName) -> Bool { left.text < right.text }
}
