extension Order {
    /// The order's meaning as bytes, from which the payload hash is taken: JSON with its members sorted and every value
    /// in one form. Two texts of the same order give the same bytes, whatever their spacing, order of members, way of
    /// writing money, time zone, case of domain and locale, and members nobody knows.
    package var canonical: [UInt8] {
        let customer = [
            JSON.Member("email", .string(customer.email)),
            JSON.Member("name", .string(customer.name)),
        ]
        // Left out for the standard brand: hashes of orders from before there were brands stand in records.
        var members: [JSON.Member] = brand == .standard ? [] : [.init("brand", .string(brand.text))]
        members += [
            .init("currency", .string(currency.code)),
            .init("customer", .object(customer)),
            .init("lines", .array(lines.map(\.canonical))),
            .init("locale", .string(locale.lowercased())),
            .init("orderId", .string(id.text)),
            .init("placedAt", .number(placedAt.microseconds)),
        ]
        if let reference { members.append(.init("reference", .string(reference))) }
        members.append(.init("total", .number(total.minorUnits)))
        return JSON.object(members).encoded
    }
}

extension Order.Line {
    fileprivate var canonical: JSON {
        .object([
            .init("name", .string(name)),
            .init("quantity", .number(quantity)),
            .init("unitPrice", .number(unitPrice.minorUnits)),
        ])
    }
}
