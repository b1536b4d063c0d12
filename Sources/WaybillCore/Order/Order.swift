/// A confirmed order, validated. Its wire form is `ops/schema/order-confirmed.v1.json`.
package struct Order: Hashable, Sendable {
    package var id: OrderID
    package var customer: Customer
    package var currency: Currency
    package var lines: [Line]
    package var total: Amount
    package var placedAt: Timestamp
    /// BCP 47, as the shop wrote it: `en`, `de-DE`.
    package var locale: String
    /// ``BrandName/standard`` when the shop named none.
    package var brand: BrandName
    /// The shop's free text about the order, if any; not shown to the customer.
    package var reference: String?

    package struct Customer: Hashable, Sendable {
        /// As SES takes it: 7-bit local part, domain in Punycode.
        package var email: String
        package var name: String

        package init(email: String, name: String) {
            self.email = email
            self.name = name
        }
    }

    package struct Line: Hashable, Sendable {
        package var name: String
        package var quantity: Int64
        package var unitPrice: Amount

        package init(name: String, quantity: Int64, unitPrice: Amount) {
            self.name = name
            self.quantity = quantity
            self.unitPrice = unitPrice
        }
    }

    package init(
        id: OrderID,
        customer: Customer,
        currency: Currency,
        lines: [Line],
        total: Amount,
        placedAt: Timestamp,
        locale: String,
        brand: BrandName = .standard,
        reference: String?
    ) {
        self.id = id
        self.customer = customer
        self.currency = currency
        self.lines = lines
        self.total = total
        self.placedAt = placedAt
        self.locale = locale
        self.brand = brand
        self.reference = reference
    }
}
