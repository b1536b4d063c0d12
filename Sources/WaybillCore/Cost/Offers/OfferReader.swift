/// Reads the file, with a fault for everything in a product that a meter counts and that is not as expected.
struct OfferReader {
    let service: BilledService
    let region: String
    var json = JSONReader()
    /// Version and day, once they are read.
    private var source = ""
    private var published = BillingDay(number: 0)

    init(service: BilledService, region: String) {
        self.service = service
        self.region = region
    }

    /// AWS has 7 at most.
    private static let mostTiers = 20
    /// With it every cost fits 128 bits, as in a price book.
    private static let largestCount: Int64 = 1_000_000_000_000_000_000

    /// A price with what it was found under.
    private struct Found {
        let rate: Rate
        let field: JSONField
        /// Whether the usage type stood there without a region before it.
        let isBare: Bool
    }

    mutating func file(_ root: JSONField) -> OfferFile? {
        guard let root = json.object(root) else { return nil }
        exactly("v1.0", root["formatVersion"])
        exactly(service.offerCode ?? "", root["offerCode"])
        let version = json.line(root["version"], length: 8...32)
        let moment = json.timestamp(root["publicationDate"])
        let products = json.object(root["products"])
        let terms = json.object(root["terms"])
        guard let version, let moment, let products, let terms, json.violations.isEmpty else { return nil }
        published = BillingDay(moment)
        source = "AWS offer file \(service.offerCode ?? "") \(version) of \(region)"
        let found = prices(products, json.object(terms["OnDemand"]))
        let rates = AWSUsageType.all.compactMap { type in
            found[type].flatMap { agreed($0) }
        }
        return OfferFile(
            service: service,
            region: region,
            version: version,
            published: published,
            rates: onePerMeter(rates)
        )
    }

    private mutating func prices(_ products: JSONField, _ terms: JSONField?) -> [AWSUsageType: [Found]] {
        let types = AWSUsageType.all.filter { $0.service == service && $0.unit != nil }
        var found: [AWSUsageType: [Found]] = [:]
        for member in products.value?.members ?? [] {
            // Not looked up by its name: that would be a search for each of ten thousand.
            let product = JSONField(path: "\(products.path).\(member.name)", value: member.value)
            guard let attributes = json.object(product["attributes"]),
                let usageType = json.line(attributes["usagetype"], length: 1...200),
                let type = types.first(where: { $0.matches(usageType) }),
                isOurs(attributes, type), let terms
            else { continue }
            guard let rate = rate(of: type, terms[member.name]) else { continue }
            found[type, default: []].append(Found(rate: rate, field: product, isBare: usageType == type.name))
        }
        return found
    }

    /// Of this region or of none (dashboards are sold to the world), with the attributes that decide.
    private func isOurs(_ attributes: JSONField, _ type: AWSUsageType) -> Bool {
        let region = attributes["regionCode"].value?.text ?? ""
        guard region == self.region || region.isEmpty else { return false }
        return type.attributes.allSatisfy { attribute in
            attributes[attribute.name].value?.text.map(attribute.values.contains) ?? false
        }
    }

    private mutating func rate(of type: AWSUsageType, _ offers: JSONField) -> Rate? {
        guard let offers = json.object(offers), let only = onlyMember(offers),
            let dimensions = json.object(only["priceDimensions"]),
            let tiers = tiers(dimensions, type)
        else { return nil }
        return Rate(
            meter: type.meter,
            plan: type.plan,
            basis: tiers.basis,
            free: tiers.free,
            tiers: tiers.paid,
            source: source,
            date: published,
            evidence: .aws
        )
    }

    private mutating func tiers(_ dimensions: JSONField, _ type: AWSUsageType) -> OfferTiers? {
        let members = dimensions.value?.members ?? []
        guard (1...Self.mostTiers).contains(members.count) else {
            return json.refused(dimensions, "1 to \(Self.mostTiers) tiers")
        }
        let tiers = members.compactMap { tier(dimensions[$0.name], type) }
        guard tiers.count == members.count else { return nil }
        guard let tiers = OfferTiers(tiers) else {
            return json.refused(dimensions, "tiers in one unit that begin at 0 and follow one another")
        }
        return tiers
    }

    private mutating func tier(_ field: JSONField, _ type: AWSUsageType) -> OfferTiers.Tier? {
        guard let field = json.object(field), let unit = type.unit else { return nil }
        guard let conversion = field["unit"].value?.text.flatMap({ unit.conversion(of: $0) }) else {
            return json.refused(field["unit"], "one of \(unit.words.joined(separator: ", "))")
        }
        let dollars = field["pricePerUnit"]["USD"]
        guard let price = dollars.value?.text.flatMap({ UnitPrice(dollars: $0) }),
            let together = price.times(conversion.pricedTogether)
        else { return json.refused(dollars, "dollars as a string of digits, like \"0.0000004000\"") }
        guard let begin = count(field["beginRange"], in: conversion.tierUnit) else { return nil }
        var end: Int64?
        if field["endRange"].value != "Inf" {
            end = count(field["endRange"], in: conversion.tierUnit)
            guard end != nil else { return nil }
        }
        return OfferTiers.Tier(begin: begin, end: end, price: together, basis: conversion.basis)
    }

    private mutating func count(_ field: JSONField, in unit: Int64) -> Int64? {
        guard let count = field.value?.text.flatMap({ Int64($0) }), count >= 0, count <= Self.largestCount / unit else {
            return json.refused(field, "a whole number as a string, or \"Inf\" for an end that there is not")
        }
        return count * unit
    }

    /// Several products may have one usage type, if they cost the same. In us-east-1 what has no region's name before it is
    /// what is sold, with its free tier, and a twin with a name costs the same without.
    private mutating func agreed(_ found: [Found]) -> Rate? {
        let bare = found.filter(\.isBare)
        let candidates = bare.isEmpty ? found : bare
        guard let first = candidates.first else { return nil }
        if let other = candidates.first(where: { !$0.rate.costs(as: first.rate) }) {
            return json.refused(other.field, "the same price as \(first.field.path), which has the same usage type")
        }
        return first.rate
    }

    /// A meter may have two names, of which a region has one (`Requests-RBP`, `Requests-Tier1`): the first that is there.
    private func onePerMeter(_ rates: [Rate]) -> [Rate] {
        rates.enumerated().filter { index, rate in
            !rates[..<index].contains { $0.meter == rate.meter && $0.plan == rate.plan }
        }.map(\.element)
    }

    private mutating func onlyMember(_ field: JSONField) -> JSONField? {
        let members = field.value?.members ?? []
        guard members.count == 1, let only = members.first else { return json.refused(field, "one offer") }
        return json.object(field[only.name])
    }

    private mutating func exactly(_ text: String, _ field: JSONField) {
        guard field.value?.text != text else { return }
        json.refuse(field, expected: "\"\(text)\"")
    }
}
