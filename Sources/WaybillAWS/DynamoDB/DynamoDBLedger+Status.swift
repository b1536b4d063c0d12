import WaybillCore
import WaybillPorts

// The query by status: the eight shards of the index at once, merged newest first.
extension DynamoDBLedger {
    func records(in status: String, _ query: LedgerQuery) async throws(LedgerError) -> LedgerPage {
        var position = StatusPosition()
        if let token = query.after { position = try StatusPosition(PageToken.decode("status", token)) }
        var merge = StatusMerge(try await shards(status, query, position))
        var records: [DeliveryRecord] = []
        for _ in 1...query.limit {
            guard let (shard, item) = merge.next() else { break }
            let record = try Self.record(item)
            position.passed(record, item, shard: shard)
            if record.expiresAt > query.now { records.append(record) }
        }
        let unread = merge.unread
        let next = unread.isEmpty ? nil : PageToken.encode("status", position.json(unread: unread))
        return LedgerPage(records: records, next: next)
    }

    private func shards(
        _ status: String,
        _ query: LedgerQuery,
        _ position: StatusPosition
    ) async throws(LedgerError) -> [StatusMerge.Shard] {
        let results = await withTaskGroup(of: Result<StatusMerge.Shard, LedgerError>.self) { group in
            for shard in position.unread {
                group.addTask { await result(status, shard, query, position) }
            }
            var results: [Result<StatusMerge.Shard, LedgerError>] = []
            for await result in group { results.append(result) }
            return results
        }
        var shards: [StatusMerge.Shard] = []
        for result in results { shards.append(try result.get()) }
        return shards
    }

    private func result(
        _ status: String,
        _ shard: Int,
        _ query: LedgerQuery,
        _ position: StatusPosition
    ) async -> Result<StatusMerge.Shard, LedgerError> {
        do throws(LedgerError) {
            return .success(try await page(status, shard, query, position))
        } catch {
            return .failure(error)
        }
    }

    private func page(
        _ status: String,
        _ shard: Int,
        _ query: LedgerQuery,
        _ position: StatusPosition
    ) async throws(LedgerError) -> StatusMerge.Shard {
        var expression = DynamoDBExpression()
        let place = StatusShard.key(status, shard: shard)
        var condition =
            "\(expression.alias(RecordAttribute.statusShard.name)) = \(expression.alias(.text(place)))"
        // What became newer than the page before would stand out of order on this one. A shard that goes on from an item
        // needs no such bound, and DynamoDB refuses one that its item does not meet.
        let newest = position.starts[shard] == nil ? position.newest : nil
        condition += expression.within(query.times, of: .updatedAt, newest: newest)
        var answer: (items: [JSON], next: JSON?) = ([], position.starts[shard])
        // DynamoDB may answer with no item and a place to go on.
        for _ in 1...Self.mostEmptyPages {
            answer = try await ask(condition, expression, limit: query.limit, start: answer.next) {
                $0.append(JSON.Member("IndexName", .string(Self.statusIndex)))
                $0.append(JSON.Member("ScanIndexForward", .bool(false)))
            }
            guard answer.items.isEmpty, answer.next != nil else {
                return StatusMerge.Shard(number: shard, items: answer.items[...], hasMore: answer.next != nil)
            }
        }
        throw LedgerError(.unavailable, "DynamoDB answered with \(Self.mostEmptyPages) empty pages of \(place)")
    }
}

/// How far a query by status has come in each shard.
private struct StatusPosition {
    /// The shards that have not been read to their end.
    private(set) var unread: [Int]
    /// The key of the last item taken from a shard, as DynamoDB's `ExclusiveStartKey`.
    private(set) var starts: [Int: JSON] = [:]
    /// `updatedAt` of the last item taken from any shard.
    private(set) var newest: Int64?

    init() {
        unread = Array(0..<StatusShard.count)
    }

    init(_ token: JSON) throws(LedgerError) {
        guard let newest = token["newest"]?.integer, let shards = token["shards"]?.members else {
            throw LedgerError(.rejected, "the token of the page is incomplete")
        }
        self.newest = newest
        unread = []
        for member in shards {
            guard let number = Int(member.name), (0..<StatusShard.count).contains(number) else {
                throw LedgerError(.rejected, "the token of the page names the shard \(member.name)")
            }
            unread.append(number)
            if member.value != .null { starts[number] = member.value }
        }
    }

    func json(unread: [Int]) -> JSON {
        let shards = unread.map { JSON.Member(String($0), starts[$0] ?? .null) }
        return ["newest": newest.map { .number($0) } ?? .null, "shards": .object(shards)]
    }

    mutating func passed(_ record: DeliveryRecord, _ item: JSON, shard: Int) {
        newest = record.updatedAt.microseconds
        let names = [
            DynamoDBItem.partitionKey, DynamoDBItem.sortKey, RecordAttribute.statusShard.name,
            RecordAttribute.updatedAt.name,
        ]
        starts[shard] = .object(names.compactMap { name in item[name].map { JSON.Member(name, $0) } })
    }
}

/// Merges pages of shards, each newest first. It stops at a shard that has more items than were read, because the next
/// of them might be the newest.
private struct StatusMerge {
    struct Shard {
        let number: Int
        var items: ArraySlice<JSON>
        let hasMore: Bool
    }

    private var shards: [Shard]

    init(_ shards: [Shard]) {
        self.shards = shards.sorted { $0.number < $1.number }
    }

    /// The shards with items that were not taken.
    var unread: [Int] { shards.filter { !$0.items.isEmpty || $0.hasMore }.map(\.number) }

    mutating func next() -> (shard: Int, item: JSON)? {
        guard !shards.contains(where: { $0.items.isEmpty && $0.hasMore }) else { return nil }
        let newest = shards.indices.filter { !shards[$0].items.isEmpty }.max { time($0) < time($1) }
        guard let newest, let item = shards[newest].items.popFirst() else { return nil }
        return (shards[newest].number, item)
    }

    private func time(_ index: Int) -> Int64 {
        shards[index].items.first?[RecordAttribute.updatedAt.name]?["N"]?.text.flatMap { Int64($0) } ?? 0
    }
}
