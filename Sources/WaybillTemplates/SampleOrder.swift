package import WaybillCore

extension Order {
    /// An order with everything in it that a template may stumble over; `waybill render` shows it.
    package static let sample: Order = {
        guard let id = OrderID("2026-004711"), let euro = Currency(code: "EUR") else {
            preconditionFailure("an order id and a currency")
        }
        return Order(
            id: id,
            customer: Customer(email: "success@simulator.amazonses.com", name: "Zoë <Sample> & Söhne"),
            currency: euro,
            lines: [
                Line(name: "Fountain pen \"Traveller\", blue", quantity: 1, unitPrice: Amount(minorUnits: 3490)),
                Line(name: "Ink cartridges, box of 6", quantity: 3, unitPrice: Amount(minorUnits: 420)),
                Line(
                    name: "Notebook with a name so long that it has to be broken into several lines on a telephone",
                    quantity: 12,
                    unitPrice: Amount(minorUnits: 104_999)
                ),
                Line(name: "Voucher SPRING", quantity: 1, unitPrice: Amount(minorUnits: -500)),
            ],
            total: Amount(minorUnits: 1_264_238),
            placedAt: Timestamp(seconds: 1_795_467_845),
            locale: "en",
            reference: nil
        )
    }()
}
