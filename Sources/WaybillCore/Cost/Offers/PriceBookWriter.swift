extension PriceBook {
    /// The file's name in `ops/prices`.
    package var fileName: String { "\(region).\(asOf).json" }

    /// The book as `ops/prices/README.md` describes it: reading it again gives the same book.
    package var json: JSON {
        [
            "format": .string(Self.format), "region": .string(region), "asOf": .string(asOf.description),
            "currency": "USD", "prices": .array(rates.map(\.json)),
        ]
    }

    /// The same with a line or three for a price, so that a difference between two books can be read.
    package var fileText: String {
        let prices = rates.map(\.fileText).joined(separator: ",\n")
        let head = [("format", Self.format), ("region", region), ("asOf", asOf.description), ("currency", "USD")]
            .map { "  \"\($0)\": \(JSON.string($1).description),\n" }.joined()
        return "{\n\(head)  \"prices\": [\n\(prices)\n  ]\n}\n"
    }
}

extension Rate {
    fileprivate var json: JSON { .object(priced + [JSON.Member("tiers", tiersJSON)] + origin) }

    fileprivate var fileText: String {
        let lines = [priced, [JSON.Member("tiers", tiersJSON)], origin].map { members in
            members.map { "\(JSON.string($0.name).description): \($0.value.description)" }.joined(separator: ", ")
        }
        return "    {\n" + lines.map { "      \($0)" }.joined(separator: ",\n") + "\n    }"
    }

    private var priced: [JSON.Member] {
        let per: JSON =
            switch basis {
            case .units(let count): .number(count)
            case .month: "month"
            }
        return [JSON.Member("meter", .string(meter.rawValue))]
            + (plan.map { [JSON.Member("plan", .string($0.rawValue))] } ?? [])
            + [JSON.Member("per", per)]
            + (free > 0 ? [JSON.Member("free", .number(free))] : [])
    }

    private var origin: [JSON.Member] {
        [
            JSON.Member("source", .string(source)), JSON.Member("date", .string(date.description)),
            JSON.Member("evidence", .string(evidence.rawValue)),
        ]
    }

    private var tiersJSON: JSON {
        .array(
            tiers.map { tier in
                let end = tier.upTo.map { [JSON.Member("upTo", .number($0))] } ?? []
                return .object(end + [JSON.Member("dollars", .string(tier.price.dollars))])
            }
        )
    }
}
