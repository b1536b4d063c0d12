/// What the local AWS would bill for an operation on a resource, as `/_local/usage` has it.
struct BilledUse: Decodable, Sendable {
    let service: String
    let resource: String
    let requests: Int64
    let chunks: Int64
    let recipients: Int64
    let readUnits: Double
    let writeUnits: Double

    private enum CodingKeys: String, CodingKey {
        case service, resource, requests, chunks, recipients
        case readUnits = "read_units"
        case writeUnits = "write_units"
    }

    /// By the names of Waybill's meters.
    var lines: [(name: String, thousandths: Int64)] {
        switch service {
        case "ses": [("ses.recipients of ", recipients * 1000)]
        case "sqs": [("sqs.requests of \(resource)", chunks * 1000)]
        case "sns": [("sns.requests of \(resource)", chunks * 1000)]
        case "monitoring": [("cloudwatch.requests of \(resource)", requests * 1000)]
        case "dynamodb":
            [
                ("dynamodb.read-units of \(resource)", Int64((readUnits * 1000).rounded())),
                ("dynamodb.write-units of \(resource)", Int64((writeUnits * 1000).rounded())),
            ]
        default: [("\(service) of \(resource)", requests * 1000)]
        }
    }
}

extension Worker {
    /// What it says that it used, in the same words.
    func meters() async throws -> [String: Int64] {
        let text = try await metrics()
        let pattern = /waybill_usage_thousandths_total\{meter="([^"]*)",resource="([^"]*)"\} ([0-9]+)/
        return text.matches(of: pattern).reduce(into: [:]) { meters, match in
            meters["\(match.1) of \(match.2)", default: 0] += Int64(match.3) ?? 0
        }
    }
}
