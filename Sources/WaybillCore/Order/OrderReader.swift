/// Reads an order from its wire form, `ops/schema/order-confirmed.v1.json`. Members it does not know are passed over.
package enum OrderReader {
    /// Reads the JSON text of one order. A brand that is not among `brands` is a violation; nil takes every brand's name.
    package static func read(
        _ text: some Collection<UInt8>,
        brands: Set<BrandName>? = nil
    ) -> Result<Order, OrderViolations> {
        guard text.count <= Order.largestBytes else {
            return .failure(.tooLarge(bytes: text.count))
        }
        do throws(JSONSyntaxError) {
            return read(try JSON.parse(text), brands: brands)
        } catch {
            return .failure(.notJSON(error))
        }
    }

    package static func read(_ json: JSON, brands: Set<BrandName>? = nil) -> Result<Order, OrderViolations> {
        var reading = OrderReading(brands: brands)
        let order = reading.order(JSONField(value: json))
        guard let order, reading.reader.violations.isEmpty else {
            let id = json["orderId"]?.text.flatMap(OrderID.init)
            return .failure(OrderViolations(code: .invalid, orderID: id, violations: reading.reader.violations))
        }
        return .success(order)
    }
}

/// Everything that is wrong with one order.
package struct OrderViolations: Error, Hashable, Sendable, CustomStringConvertible {
    /// Constant per kind of fault, for the quarantine and for metrics.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case tooLarge = "order-too-large"
        case notJSON = "order-not-json"
        case invalid = "invalid-order"
    }

    package let code: Code
    /// The order's id, when at least that could be read.
    package let orderID: OrderID?
    package let violations: [JSONViolation]

    package init(code: Code, orderID: OrderID?, violations: [JSONViolation]) {
        self.code = code
        self.orderID = orderID
        self.violations = violations
    }

    package static func tooLarge(bytes: Int) -> OrderViolations {
        let expected = "at most \(Order.largestBytes) bytes"
        return OrderViolations(
            code: .tooLarge,
            orderID: nil,
            violations: [JSONViolation(path: "$", expected: expected, found: "\(bytes)")]
        )
    }

    package static func notJSON(_ error: JSONSyntaxError) -> OrderViolations {
        let violation = JSONViolation(path: "$", expected: "JSON (RFC 8259)", found: "a fault at \(error)")
        return OrderViolations(code: .notJSON, orderID: nil, violations: [violation])
    }

    /// One violation a line.
    package var description: String { violations.map(\.description).joined(separator: "\n") }
}

private struct OrderReading {
    let brands: Set<BrandName>?
    var reader = JSONReader()

    init(brands: Set<BrandName>?) {
        self.brands = brands
    }

    mutating func order(_ root: JSONField) -> Order? {
        guard let root = reader.object(root) else { return nil }
        let id = orderID(root["orderId"])
        let customer = customer(root["customer"])
        let currency = currency(root["currency"])
        let lines = lines(root["lines"], currency)
        let total = amount(root["total"], currency)
        let placedAt = reader.timestamp(root["placedAt"])
        let locale = locale(root["locale"])
        let brand = brand(root["brand"])
        let reference = reference(root["reference"])
        check(root["total"], total, lines: lines, currency)
        guard let id, let customer, let currency, let lines, let total, let placedAt, let locale, let brand else {
            return nil
        }
        return Order(
            id: id,
            customer: customer,
            currency: currency,
            lines: lines,
            total: total,
            placedAt: placedAt,
            locale: locale,
            brand: brand,
            reference: reference
        )
    }

    private mutating func orderID(_ field: JSONField) -> OrderID? {
        guard let id = field.value?.text.flatMap(OrderID.init) else {
            return reader.refused(field, "a string of 1 to \(OrderID.longestBytes) bytes without control characters")
        }
        return id
    }

    private mutating func customer(_ field: JSONField) -> Order.Customer? {
        guard let field = reader.object(field) else { return nil }
        let email = email(field["email"])
        let name = name(field["name"], longest: Order.Customer.longestName)
        guard let email, let name else { return nil }
        return Order.Customer(email: email, name: name)
    }

    private mutating func email(_ field: JSONField) -> String? {
        guard let text = field.value?.text else { return reader.refused(field, "a string") }
        do throws(EmailAddressError) {
            return try EmailAddress(text).text
        } catch {
            return reader.refused(field, error.description)
        }
    }

    private mutating func currency(_ field: JSONField) -> Currency? {
        guard let currency = field.value?.text.flatMap(Currency.init(code:)) else {
            return reader.refused(field, "a currency of ISO 4217, three upper-case letters")
        }
        return currency
    }

    private mutating func lines(_ field: JSONField, _ currency: Currency?) -> [Order.Line]? {
        guard let fields = reader.array(field, count: 1...Order.mostLines) else { return nil }
        let lines = fields.map { line($0, currency) }
        let valid = lines.compactMap(\.self)
        return valid.count == lines.count ? valid : nil
    }

    private mutating func line(_ field: JSONField, _ currency: Currency?) -> Order.Line? {
        guard let field = reader.object(field) else { return nil }
        let name = name(field["name"], longest: Order.Line.longestName)
        let quantity = reader.integer(field["quantity"], in: 1...Order.Line.largestQuantity)
        let unitPrice = amount(field["unitPrice"], currency)
        guard let name, let quantity, let unitPrice else { return nil }
        return Order.Line(name: name, quantity: quantity, unitPrice: unitPrice)
    }

    private mutating func name(_ field: JSONField, longest: Int) -> String? {
        guard let name = reader.line(field, length: 1...longest) else { return nil }
        guard !name.unicodeScalars.allSatisfy(\.properties.isWhitespace) else {
            return reader.refused(field, "a name that is not blank")
        }
        return name
    }

    private mutating func locale(_ field: JSONField) -> String? {
        guard let locale = field.value?.text, LanguageTag.isWellFormed(locale) else {
            return reader.refused(field, "a language tag of BCP 47, like en or de-DE")
        }
        return locale
    }

    /// Missing and `null` are the same: the standard brand.
    private mutating func brand(_ field: JSONField) -> BrandName? {
        guard field.isGiven else { return .standard }
        let brand = field.value?.text.flatMap(BrandName.init)
        guard let brands else {
            return brand ?? reader.refused(field, "a brand's name, 1 to \(BrandName.longest) of a-z, 0-9 and -")
        }
        guard let brand, brands.contains(brand) else {
            return reader.refused(field, "one of the brands \(brands.sorted().map(\.text).joined(separator: ", "))")
        }
        return brand
    }

    /// Missing, `null` and empty are the same: no reference.
    private mutating func reference(_ field: JSONField) -> String? {
        guard field.isGiven, let text = reader.line(field, length: 0...Order.longestReference) else { return nil }
        return text.isEmpty ? nil : text
    }

    /// The rule for money: a string is a decimal number of major units, a number is a whole number of minor units. While
    /// the currency is unknown, the shape alone is checked.
    private mutating func amount(_ field: JSONField, _ currency: Currency?) -> Amount? {
        let decimals = currency ?? Currency(code: "", minorDigits: Currency.mostMinorDigits)
        let amount: Amount? =
            switch field.value {
            case .string(let text): Amount(decimal: text, in: decimals)
            case .number: field.value?.integer.map(Amount.init(minorUnits:))
            case .null, .bool, .array, .object, nil: nil
            }
        let digits = decimals.minorDigits
        let shape = digits == 0 ? "a string like \"1250\"" : "a string with at most \(digits) digits after the point"
        return amount ?? reader.refused(field, "money: \(shape), or a whole number of minor units")
    }

    private mutating func check(_ field: JSONField, _ total: Amount?, lines: [Order.Line]?, _ currency: Currency?) {
        guard let total, let currency else { return }
        if total.minorUnits < 0 { reader.refuse(field, expected: "a total that is not below zero") }
        guard let lines else { return }
        guard let sum = Order.sum(of: lines) else {
            reader.refuse(field, expected: "lines whose sum fits 64 bits", found: "more")
            return
        }
        if sum != total {
            let expected = "\(sum.decimal(in: currency)), the sum of quantity times unitPrice"
            reader.refuse(field, expected: expected, found: total.decimal(in: currency))
        }
    }
}
