/// Why an offer file was not read. Nothing of such a file is used: half a price list is no price list.
package struct OfferFileFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// `AmazonSES`, or the file's name.
    package let file: String
    /// With the product's SKU and the member in their path.
    package let violations: [JSONViolation]

    package var description: String { "offer file \(file): " + violations.map(\.description).joined(separator: "; ") }
}

/// The prices of one service in one region, from AWS's public price list: everyone may read it, without credentials.
package struct OfferFile: Hashable, Sendable {
    package let service: BilledService
    /// `AmazonSES`
    package let offerCode: String
    package let region: String
    /// `20260722172054`
    package let version: String
    package let published: BillingDay
    /// Of the meters that the file has a price for, in the order of ``AWSUsageType/all``.
    package let rates: [Rate]

    package static let host = "pricing.us-east-1.amazonaws.com"

    /// AmazonRDS, the largest that is loaded, has tens of megabytes for a region because of its reservations (from memory; a
    /// third party measured under six for the others). EC2's has 480 and is not loaded.
    package static let limits = JSON.Limits(bytes: 96 * 1024 * 1024, depth: 12)

    /// `/offers/v1.0/aws/AmazonSES/current/us-east-1/index.json`; nil for a service whose file is not loaded.
    package static func path(_ service: BilledService, region: String) -> String? {
        service.offerCode.map { "/offers/v1.0/aws/\($0)/current/\(region)/index.json" }
    }

    /// Reads the file of a service in a region. Products that no meter counts are passed over; one that a meter counts must
    /// have the expected shape to its last member.
    package init(json: JSON, service: BilledService, region: String) throws(OfferFileFault) {
        let name = "\(service.offerCode ?? "of no service") of \(region)"
        var reader = OfferReader(service: service, region: region)
        let file = reader.file(JSONField(value: json))
        guard let file, reader.json.violations.isEmpty else {
            throw OfferFileFault(file: name, violations: reader.json.violations)
        }
        self = file
    }

    init(service: BilledService, region: String, version: String, published: BillingDay, rates: [Rate]) {
        self.service = service
        offerCode = service.offerCode ?? ""
        self.region = region
        self.version = version
        self.published = published
        self.rates = rates
    }
}
