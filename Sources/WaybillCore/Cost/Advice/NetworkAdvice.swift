/// How the workers reach AWS: through NAT gateways, or through an interface endpoint for each service in each zone.
enum NetworkAdvice {
    private static let meters: [Meter] = [
        .networkNATHours, .networkNATBytes, .networkEndpointHours, .networkEndpointBytes,
    ]

    static func path(_ situation: Situation) throws(Unknown) -> Finding? {
        let uses = try situation.uses(of: meters)
        let gateways = uses[.networkNATHours, default: 0]
        let endpoints = uses[.networkEndpointHours, default: 0]
        guard gateways + endpoints > 0 else { return nil }
        let network = try known(situation.facts.network, "in how many zones the workers run (--zones, --only-aws)")
        let measured = [Meter.networkNATBytes, .networkEndpointBytes].compactMap { situation.facts.usage[$0] }
        _ = try known(measured.first, "how many bytes go through (network.nat-bytes in WAYBILL_COST_SCHEDULE)")
        let bytes = uses[.networkNATBytes, default: 0] + uses[.networkEndpointBytes, default: 0]
        var others: [(title: String, uses: [Meter: Int64])] = []
        if endpoints > 0 {
            let hours = gateways > 0 ? gateways : network.zones * situation.hours * 1000
            others.append(
                ("NAT gateways instead of endpoints", through(.networkNATHours, hours, .networkNATBytes, bytes))
            )
        }
        if gateways > 0, network.callsOnlyAWS {
            let hours = network.zones * network.services * situation.hours * 1000
            let uses = through(.networkEndpointHours, hours, .networkEndpointBytes, bytes)
            others.append(("Endpoints instead of NAT gateways", uses))
        }
        var best: Finding?
        for other in others {
            let finding = try finding(other.title, other.uses, situation)
            if finding.saving > best?.saving ?? .zero { best = finding }
        }
        return best
    }

    /// Everything one way, nothing the other.
    private static func through(_ hours: Meter, _ count: Int64, _ carried: Meter, _ bytes: Int64) -> [Meter: Int64] {
        var uses = Dictionary(uniqueKeysWithValues: meters.map { ($0, Int64(0)) })
        uses[hours] = count
        uses[carried] = bytes
        return uses
    }

    private static func finding(
        _ title: String,
        _ other: [Meter: Int64],
        _ situation: Situation
    ) throws(Unknown) -> Finding {
        let standing = { (meter: Meter) throws(Unknown) in try situation.standing(meter) / 1000 }
        let bytes = try situation.use(.networkNATBytes) + situation.use(.networkEndpointBytes)
        return Finding(
            title: title,
            saving: try situation.saving(other),
            evidence:
                "\(try standing(.networkNATHours)) NAT gateways and \(try standing(.networkEndpointHours)) endpoints "
                + "carry \((bytes / 1000) >> 30) GB a month",
            confidence: .medium,
            how: "Change one zone's route first. DynamoDB's gateway endpoint costs nothing: have it in either case.",
            meters: meters
        )
    }
}
