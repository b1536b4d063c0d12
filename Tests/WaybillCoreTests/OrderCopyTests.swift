import Testing
import WaybillCore

@Suite struct OrderCopyTests {
    private static let order = """
        {"orderId":"A-1","customer":{"name":"Ann","email":"ann@example.com"},"currency":"USD",
         "lines":[{"name":"Disc","quantity":1,"unitPrice":"12.50"}],"total":"12.50",
         "placedAt":"2027-01-15T08:00:00Z","locale":"en","email":"not this one"}
        """

    @Test func onlyTheAddressOfTheCustomerChanges() throws {
        let copy = try OrderCopy.make(of: Self.order, to: "new@example.com").get()
        var first = try OrderReader.read(Self.order.utf8).get()
        #expect(first != copy.order)
        #expect(copy.order.customer.email == "new@example.com")
        #expect(copy.payload.contains("not this one"))
        #expect(!copy.payload.contains("ann@example.com"))
        first.customer.email = copy.order.customer.email
        #expect(first == copy.order)
        #expect(try OrderReader.read(copy.payload.utf8).get() == copy.order)
    }

    @Test(arguments: ["", "nobody", "a@b@c", "a b@example.com", "a@example.com\r\nBcc: x@example.com"])
    func anAddressThatIsNoneIsRefusedWithItsPath(address: String) {
        switch OrderCopy.make(of: Self.order, to: address) {
        case .success: Issue.record("\(address) is no address")
        case .failure(let violations): #expect(violations.description.contains("$.customer.email"))
        }
    }

    @Test func whatIsNoOrderIsRefused() {
        for text in ["[]", "{}", "not JSON"] {
            guard case .failure = OrderCopy.make(of: text, to: "a@example.com") else {
                Issue.record("\(text) is no order")
                continue
            }
        }
    }

    /// The kind is what Waybill gives; an order event has no say in it, whatever its id or its members are.
    @Test(arguments: ["A-1", "order-confirmation~2/A-1", "~2", "order-confirmation~2"])
    func anOrderEventCannotNameACopy(id: String) throws {
        let text = Self.order.replacing("\"A-1\"", with: "\"\(id)\",\"kind\":\"order-confirmation~2\"")
        let rule = IntakeRule(retention: .seconds(400 * 86_400))
        let decision = rule.decide(text, now: Timestamp(seconds: 1_800_000_000))
        guard case .accept(let order, payload: _) = decision else {
            Issue.record("\(decision)")
            return
        }
        let delivery = DeliveryID(order: order.id)
        #expect(delivery.kind == .orderConfirmation)
        #expect(delivery.kind.copyNumber == nil)
        #expect(DeliveryID(delivery.description) == delivery)
    }

    @Test func copiesAreNumberedFromTwo() {
        for number in 2...MessageKind.mostCopies {
            let kind = MessageKind.confirmationCopy(number)
            #expect(kind.copyNumber == number)
            #expect(MessageKind(kind.text) == kind)
        }
        #expect(MessageKind.confirmationCopy(2).text == "order-confirmation~2")
        #expect(MessageKind.orderConfirmation.copyNumber == nil)
    }
}
