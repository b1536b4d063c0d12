import WaybillCore
import WaybillPorts

/// What a call to DynamoDB took, as its answer says (DynamoDB API, `ConsumedCapacity`, with `INDEXES`).
enum ConsumedCapacity {
    /// One for each index that was used, named `table/index`, and one for the table: all that is billed and is no index's,
    /// so that the total is DynamoDB's own even where it names no parts.
    static func usage(_ meter: Meter, _ capacity: JSON) -> [Usage] {
        guard let total = thousandths(capacity) else { return [] }
        let table = capacity["TableName"]?.text ?? ""
        let kinds = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
        let indexes = kinds.flatMap { capacity[$0]?.members ?? [] }
        var uses = indexes.compactMap { index in
            thousandths(index.value).map { Usage(meter, of: "\(table)/\(index.name)", thousandths: $0) }
        }
        // Sums of halves may be a rounding off; use is never less than nothing.
        uses.append(Usage(meter, of: table, thousandths: max(0, total - uses.reduce(0) { $0 + $1.thousandths })))
        return uses.filter { $0.thousandths != 0 }
    }

    private static func thousandths(_ capacity: JSON) -> Int64? {
        guard case .number(let digits)? = capacity["CapacityUnits"], let units = Double(digits) else { return nil }
        return Int64((units * 1000).rounded())
    }
}
