import Foundation
import Testing
import WaybillCore

/// The schema is what shops read, the reader is what decides: they must say the same.
@Suite struct OrderSchemaTests {
    private let schema: JSON

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        schema = try JSON.parse(Data(contentsOf: root.appending(path: "ops/schema/order-confirmed.v1.json")))
    }

    @Test func everyExampleOfTheSchemaIsAnOrder() throws {
        let examples = try #require(schema["examples"]?.elements)
        #expect(examples.count >= 3)
        for example in examples { _ = try OrderReader.read(example).get() }
    }

    @Test func everyMemberTheSchemaRequiresIsRequired() throws {
        let example = try #require(schema["examples"]?.elements?.first?.members)
        let required = try #require(schema["required"]?.elements).compactMap(\.text)
        #expect(required.count == 7)
        for member in example {
            let rest = JSON.object(example.filter { $0 != member })
            switch OrderReader.read(rest) {
            case .success: #expect(!required.contains(member.name), "\(member.name)")
            case .failure: #expect(required.contains(member.name), "\(member.name)")
            }
        }
    }

    @Test(arguments: [
        ("orderId.maxLength", Int64(OrderID.longestBytes)),
        ("customer.properties.email.maxLength", Int64(EmailAddress.longest)),
        ("customer.properties.name.maxLength", Int64(Order.Customer.longestName)),
        ("lines.maxItems", Int64(Order.mostLines)),
        ("lines.items.properties.name.maxLength", Int64(Order.Line.longestName)),
        ("lines.items.properties.quantity.maximum", Order.Line.largestQuantity),
        ("locale.maxLength", Int64(LanguageTag.longest)),
    ])
    func theLimitsOfTheSchemaAreTheReaders(path: String, limit: Int64) {
        let value = path.split(separator: ".").reduce(schema["properties"]) { $0?[String($1)] }
        #expect(value?.integer == limit)
    }

    @Test func theBrandsLimitIsTheReaders() {
        let brand = schema["properties"]?["brand"]?["anyOf"]?.elements?.first
        #expect(brand?["maxLength"]?.integer == Int64(BrandName.longest))
    }

    @Test func theReferencesLimitIsTheReaders() {
        let reference = schema["properties"]?["reference"]?["anyOf"]?.elements?.first
        #expect(reference?["maxLength"]?.integer == Int64(Order.longestReference))
    }
}
