/// An element of an XML document: as much of XML as AWS's Query protocol uses. Attributes and namespaces are dropped, a
/// document type is refused.
package struct XMLElement: Hashable, Sendable {
    package let name: String
    /// The characters between the tags, without those of children.
    package internal(set) var text = ""
    package internal(set) var children: [XMLElement] = []

    init(name: String) {
        self.name = name
    }

    /// Reads a document and gives its root.
    package init(_ bytes: [UInt8]) throws(XMLSyntaxError) {
        var parser = XMLParser(bytes)
        self = try parser.document()
    }

    /// The first child of that name.
    package subscript(name: String) -> XMLElement? {
        children.first { $0.name == name }
    }

    /// The `member` children: an array of the Query protocol.
    package var memberElements: [XMLElement] { children.filter { $0.name == "member" } }
}

package struct XMLSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Bytes before the fault.
    package let offset: Int
    package let expected: String

    package var description: String { "XML, byte \(offset): expected \(expected)" }
}
