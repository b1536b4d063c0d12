/// A deliberate copy of a confirmation: the order as it was received, to another address.
package struct OrderCopy: Hashable, Sendable {
    package let order: Order
    /// The order's text with the copy's address in it.
    package let payload: String

    /// Reads the order, puts the address in and reads the result: what is wrong with either is said with its path.
    package static func make(of payload: String, to address: String) -> Result<OrderCopy, OrderViolations> {
        do throws(JSONSyntaxError) {
            let changed = try JSON.parse(payload.utf8)
                .replacing("customer") { $0.replacing("email") { _ in .string(address) } }
            return OrderReader.read(changed).map { OrderCopy(order: $0, payload: changed.description) }
        } catch {
            return .failure(.notJSON(error))
        }
    }
}

extension JSON {
    /// The object with one member changed; anything without that member as it is.
    fileprivate func replacing(_ name: String, _ change: (JSON) -> JSON) -> JSON {
        guard case .object(let members) = self else { return self }
        return .object(members.map { $0.name == name ? Member(name, change($0.value)) : $0 })
    }
}
