/// Everything that is wrong with a price book, each with its path and what was expected there.
package struct PriceBookFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let violations: [JSONViolation]

    package var description: String { violations.map(\.description).joined(separator: "; ") }
}

extension PriceBook {
    /// The value of the member `format`: what a reader of another version must not take for its own.
    package static let format = "waybill-prices.v1"

    /// Reads a price book, as `ops/prices/README.md` describes it. Strict: a member that is not known, a price that is given
    /// twice or tiers out of order are faults, because a price that is passed over in silence is a wrong bill.
    package init(json: JSON) throws(PriceBookFault) {
        var reader = PriceBookReader()
        let book = reader.book(JSONField(value: json))
        guard let book, reader.json.violations.isEmpty else { throw PriceBookFault(violations: reader.json.violations) }
        self = book
    }
}

private struct PriceBookReader {
    var json = JSONReader()

    /// More prices than there are meters and plans cannot be without a repeat.
    private static let mostPrices = Meter.allCases.count * (SESPlan.allCases.count + 1)
    /// AWS has seven at most.
    private static let mostTiers = 20
    /// A thousand times what anybody used in a month; with it every cost fits 128 bits.
    private static let largestCount: Int64 = 1_000_000_000_000_000_000

    mutating func book(_ root: JSONField) -> PriceBook? {
        guard let root = object(root, members: ["format", "region", "asOf", "currency", "prices"]) else { return nil }
        exactly(PriceBook.format, root["format"])
        exactly("USD", root["currency"])
        let region = region(root["region"])
        let asOf = day(root["asOf"])
        let fields = json.array(root["prices"], count: 1...Self.mostPrices) ?? []
        let rates = fields.map { (field: $0, rate: rate($0)) }
        refuseRepeats(rates)
        if let asOf { refuseLaterThan(asOf, rates) }
        guard let region, let asOf else { return nil }
        return PriceBook(region: region, asOf: asOf, rates: rates.compactMap(\.rate))
    }

    private mutating func rate(_ field: JSONField) -> Rate? {
        let members = ["meter", "plan", "per", "free", "tiers", "source", "date", "evidence"]
        guard let field = object(field, members: members) else { return nil }
        let meter: Meter? = word(field["meter"], "the name of a meter of Meter.swift")
        let plan = plan(field["plan"], of: meter)
        let basis = basis(field["per"], of: meter)
        let free = field["free"].value == nil ? 0 : json.integer(field["free"], in: 1...Self.largestCount)
        let tiers = tiers(field["tiers"])
        let source = json.line(field["source"], length: 3...500)
        let date = day(field["date"])
        let evidence: Rate.Evidence? = word(field["evidence"], Self.choice(Rate.Evidence.self))
        guard let meter, let basis, let free, let tiers, let source, let date, let evidence else { return nil }
        return Rate(
            meter: meter,
            plan: plan,
            basis: basis,
            free: free,
            tiers: tiers,
            source: source,
            date: date,
            evidence: evidence
        )
    }

    /// SES alone has plans; nil where none is given.
    private mutating func plan(_ field: JSONField, of meter: Meter?) -> SESPlan? {
        guard field.value != nil else { return nil }
        guard meter.map({ $0.definition.service == .ses }) ?? true else {
            return json.refused(field, "no plan: only the meters of SES have plans")
        }
        return word(field, Self.choice(SESPlan.self))
    }

    private mutating func basis(_ field: JSONField, of meter: Meter?) -> Rate.Basis? {
        guard field.value?.text == "month" else {
            let expected = "a whole number of units, or \"month\" for what is counted by the hour"
            guard let count = field.value?.integer, (1...Self.largestCount).contains(count) else {
                return json.refused(field, expected)
            }
            return .units(count)
        }
        guard meter.map({ $0.definition.counting == .byHour }) ?? true else {
            return json.refused(field, "a whole number of units: this meter is not counted by the hour")
        }
        return .month
    }

    private mutating func tiers(_ field: JSONField) -> [Rate.Tier]? {
        guard let fields = json.array(field, count: 1...Self.mostTiers) else { return nil }
        var tiers: [Rate.Tier] = []
        for (index, field) in fields.enumerated() {
            guard let tier = tier(field, after: tiers.last?.upTo ?? 0, isLast: index == fields.count - 1) else {
                return nil
            }
            tiers.append(tier)
        }
        return tiers
    }

    private mutating func tier(_ field: JSONField, after start: Int64, isLast: Bool) -> Rate.Tier? {
        guard let field = object(field, members: ["upTo", "dollars"]) else { return nil }
        let dollars = field["dollars"]
        guard let price = dollars.value?.text.flatMap({ UnitPrice(dollars: $0) }) else {
            return json.refused(
                dollars,
                "dollars as a string of digits, like \"0.0000004\", at most 12 after the point"
            )
        }
        guard field["upTo"].value != nil || !isLast else { return Rate.Tier(price: price) }
        guard let upTo = json.integer(field["upTo"], in: start + 1...Self.largestCount) else { return nil }
        return Rate.Tier(upTo: upTo, price: price)
    }

    private mutating func refuseRepeats(_ rates: [(field: JSONField, rate: Rate?)]) {
        for (index, (field, rate)) in rates.enumerated() {
            guard let rate else { continue }
            let isRepeated = rates[..<index].contains { earlier in
                guard let earlier = earlier.rate, earlier.meter == rate.meter else { return false }
                return earlier.plan == rate.plan || earlier.plan == nil || rate.plan == nil
            }
            guard isRepeated else { continue }
            json.refuse(field["meter"], expected: "each meter once, or once for each plan")
        }
    }

    /// A price that was read after the book was made was not read.
    private mutating func refuseLaterThan(_ asOf: BillingDay, _ rates: [(field: JSONField, rate: Rate?)]) {
        for (field, rate) in rates where rate.map({ $0.date > asOf }) ?? false {
            json.refuse(field["date"], expected: "a day not after the book's own, \(asOf)")
        }
    }

    private mutating func object(_ field: JSONField, members known: [String]) -> JSONField? {
        guard let field = json.object(field) else { return nil }
        for member in field.value?.members ?? [] where !known.contains(member.name) {
            json.refuse(field[member.name], expected: "no member but \(known.joined(separator: ", "))")
        }
        return field
    }

    private mutating func exactly(_ text: String, _ field: JSONField) {
        guard field.value?.text != text else { return }
        json.refuse(field, expected: "\"\(text)\"")
    }

    /// `us-east-1`: letters, digits and hyphens, as in every endpoint's name.
    private mutating func region(_ field: JSONField) -> String? {
        let expected = "a region like us-east-1"
        guard let text = field.value?.text, (5...30).contains(text.utf8.count), text.utf8.allSatisfy(isInRegion) else {
            return json.refused(field, expected)
        }
        return text
    }

    private mutating func day(_ field: JSONField) -> BillingDay? {
        guard let day = field.value?.text.flatMap({ BillingDay($0) }) else {
            return json.refused(field, "a day like 2026-11-23")
        }
        return day
    }

    private mutating func word<Word: RawRepresentable<String>>(_ field: JSONField, _ expected: String) -> Word? {
        guard let word = field.value?.text.flatMap({ Word(rawValue: $0) }) else { return json.refused(field, expected) }
        return word
    }

    private static func choice<Word: RawRepresentable<String> & CaseIterable>(_ type: Word.Type) -> String {
        "one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))"
    }
}

private func isInRegion(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (0x30...0x39).contains(byte)
}
