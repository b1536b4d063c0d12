import Synchronization
import WaybillCore
import WaybillPorts

/// DynamoDB's meter.
struct LedgerMeter: Sendable {
    let book: ServiceBook

    func call() -> MeteredCall { MeteredCall(book: book) }
}

/// How DynamoDB bills one call of the ledger, by the sizes of items, and what it says of that in its answer
/// (`ConsumedCapacity` with `INDEXES`). Amounts are thousandths of a unit.
final class MeteredCall: Sendable {
    /// A write unit for each begun 1 KB, a read unit for each begun 4 KB, half as much where reads may be old (AWS, "DynamoDB
    /// read and write capacity").
    private static let writeBytes = 1024
    private static let readBytes = 4096
    private static let table = "email-deliveries"

    private let book: ServiceBook
    private let said = Mutex<[Usage]>([])

    init(book: ServiceBook) {
        self.book = book
    }

    /// What the caller takes the call to have used, once its answer is there.
    var uses: [Usage] { said.withLock { $0 } }

    /// An UpdateItem, refused or not. A refused one is billed too, and its answer does not say so: the caller counts one unit.
    func wrote(_ id: DeliveryID, _ outcome: LedgerOutcome, before: RecordAttributes?, after: RecordAttributes?) {
        let largest = max(Self.bytes(before, of: id), Self.bytes(after, of: id))
        guard case .applied = outcome else {
            book.did(.updateItem, of: Self.table, Self.units(largest, Self.writeBytes))
            return say(.dynamoDBWriteUnits, Self.table, 1000)
        }
        write(Self.table, Self.units(largest, Self.writeBytes))
        for index in LedgerIndex.allCases {
            let units = Self.units(index, of: id, before: before, after: after)
            if units > 0 { write("\(Self.table)/\(index.rawValue)", units) }
        }
    }

    /// A strongly consistent GetItem; one that finds nothing costs a unit too.
    func read(_ id: DeliveryID, in ledger: InMemoryDeliveryLedger) {
        read(.getItem, Self.units(Self.bytes(ledger.attributes(of: id), of: id), Self.readBytes))
    }

    /// A Query; indexes are read eventually consistently.
    func queried(_ query: LedgerQuery, _ page: LedgerPage, in ledger: InMemoryDeliveryLedger) {
        let sizes = page.records.map { Self.bytes(ledger.attributes(of: $0.id), of: $0.id) }
        let units = Self.units(sizes.reduce(0, +), Self.readBytes)
        switch query.key {
        case .order: read(.query, units)
        case .email, .status: read(.query, units / 2)
        }
    }

    /// A strongly consistent page of a Scan: all that was looked at costs, also what was filtered out.
    func scanned(_ scan: LedgerScan, in ledger: InMemoryDeliveryLedger) {
        let sizes = ledger.identities(of: scan).page.map { Self.bytes(ledger.attributes(of: $0), of: $0) }
        read(.scan, Self.units(sizes.reduce(0, +), Self.readBytes))
    }

    private func read(_ operation: ServiceOperation, _ units: Int64) {
        book.did(operation, of: Self.table, units)
        say(.dynamoDBReadUnits, Self.table, units)
    }

    private func write(_ resource: String, _ units: Int64) {
        book.did(.updateItem, of: resource, units)
        say(.dynamoDBWriteUnits, resource, units)
    }

    private func say(_ meter: Meter, _ resource: String, _ units: Int64) {
        said.withLock { $0.append(Usage(meter, of: resource, thousandths: units)) }
    }

    /// An index is written when its entry changes, twice when its key does: the old entry goes, a new one comes.
    private static func units(
        _ index: LedgerIndex,
        of id: DeliveryID,
        before: RecordAttributes?,
        after: RecordAttributes?
    ) -> Int64 {
        let (old, new) = (index.entry(of: before), index.entry(of: after))
        guard old != new else { return 0 }
        let costs = [old, new].compactMap { $0 }.map { units(bytes($0, of: id), writeBytes) }
        let isSameKey = old.map(index.key) == new.map(index.key)
        return isSameKey ? costs.max() ?? 0 : costs.reduce(0, +)
    }

    private static func units(_ bytes: Int, _ each: Int) -> Int64 { Int64(max(1, (bytes + each - 1) / each)) * 1000 }

    /// Names and values in UTF-8; a number takes a byte for two digits and one more (AWS, "DynamoDB item sizes and formats").
    private static func bytes(_ item: RecordAttributes?, of id: DeliveryID) -> Int {
        guard let item else { return 0 }
        return item.reduce(id.description.utf8.count + 4) { sum, attribute in
            let value =
                switch attribute.value {
                case .text(let text): text.utf8.count
                case .number(let number): String(number).utf8.count / 2 + 2
                }
            return sum + attribute.key.name.utf8.count + value
        }
    }
}

/// The table's indexes, as `waybill setup` makes them.
private enum LedgerIndex: String, CaseIterable {
    /// Keys alone.
    case byEmail
    /// The whole item.
    case byStatus

    /// What the index holds of an item; nil when it lacks a part of the key.
    func entry(of item: RecordAttributes?) -> RecordAttributes? {
        guard let item, key(item).count == keys.count else { return nil }
        return switch self {
        case .byEmail: key(item)
        case .byStatus: item
        }
    }

    func key(_ item: RecordAttributes) -> RecordAttributes { item.filter { keys.contains($0.key) } }

    private var keys: [RecordAttribute] {
        switch self {
        case .byEmail: [.email, .createdAt]
        case .byStatus: [.statusShard, .updatedAt]
        }
    }
}
