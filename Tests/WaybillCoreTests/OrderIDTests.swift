import Testing
import WaybillCore

@Suite struct OrderIDTests {
    @Test func idsThatLookAlikeAndDifferInBytesAreTwoOrders() throws {
        let composed = try #require(OrderID("caf\u{E9}"))
        let decomposed = try #require(OrderID("cafe\u{301}"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(composed < decomposed || decomposed < composed)
        #expect(DeliveryID(order: composed) != DeliveryID(order: decomposed))
    }

    @Test func anIdHas1To128BytesAndNoControlCharacter() throws {
        #expect(OrderID("") == nil)
        #expect(OrderID(String(repeating: "\u{E9}", count: 64))?.text.utf8.count == 128)
        #expect(OrderID(String(repeating: "\u{E9}", count: 64) + "a") == nil)
        for control in ["\0", "\r", "\n", "\u{7F}", "\u{9F}"] { #expect(OrderID("a\(control)b") == nil) }
    }

    @Test func aDeliveryIsReadBackFromItsTagAndItsDescription() throws {
        for text in ["A-1", "a/b/c", "caf\u{E9} \u{1F600}", String(repeating: "x", count: 128)] {
            let delivery = DeliveryID(order: try #require(OrderID(text)))
            #expect(DeliveryID(tag: delivery.tag) == delivery)
            #expect(DeliveryID(delivery.description) == delivery)
            #expect(delivery.tag.utf8.count <= 256)
        }
        #expect(DeliveryID(tag: "not base64url!") == nil)
        #expect(DeliveryID(tag: Base64URL.encode("order-confirmation/".utf8)) == nil)
        #expect(DeliveryID(tag: Base64URL.encode([0xFF, 0x2F, 0x41])) == nil)
    }
}
