import Testing

/// One demand on an implementation of a port. A test takes the list of cases as its arguments, so that each shows up
/// under its own name.
package struct ConformanceCase<Subject: Sendable>: Sendable, CustomTestStringConvertible {
    package let name: String
    package let check: @Sendable (Subject) async throws -> Void

    package init(_ name: String, _ check: @escaping @Sendable (Subject) async throws -> Void) {
        self.name = name
        self.check = check
    }

    package var testDescription: String { name }
}
