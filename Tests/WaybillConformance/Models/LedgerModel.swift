import WaybillCore
package import WaybillPorts

/// The delivery record under random transitions. Whoever writes says what time it is, so times are compared as they are.
package struct LedgerModel: ModelSubject {
    package enum Operation: Sendable {
        case apply(TransitionDraft, to: Int, secondsLater: Int)
        case read(Int, whenExpired: Bool)
        case query(LedgerQuery.Key, limit: Int, whenExpired: Bool)
        case scan(openOnly: Bool, limit: Int)
    }

    /// Later than any machine's clock while this is in use, so that no item is expired for the table.
    static let start = Timestamp(seconds: 2_500_000_000)
    static let retention = Duration.seconds(90 * 86_400)
    /// More pages than a run has records.
    private static var mostPages: Int { 1000 }

    private let ledger: any DeliveryLedger
    private var now = Self.start
    /// The version that an operator has seen last.
    private var seen: [Int: Int64] = [:]

    package init(_ ledger: any DeliveryLedger) {
        self.ledger = ledger
    }

    package static func draw(_ chance: inout ModelChance) -> Operation {
        switch chance.number(1...20) {
        case 1...16:
            .apply(.draw(&chance), to: delivery(&chance), secondsLater: chance.one(of: [0, 1, 1, 1]))
        case 17: .read(delivery(&chance), whenExpired: chance.happens(oneIn: 4))
        case 18...19:
            .query(
                key(&chance),
                limit: chance.one(of: [0, 1, 2, 5, 1000, 1001]),
                whenExpired: chance.happens(oneIn: 8)
            )
        default: .scan(openOnly: chance.happens(oneIn: 2), limit: chance.one(of: [0, 1, 3, 1000]))
        }
    }

    package static var look: [Operation] {
        deliveries.indices.map { .read($0, whenExpired: false) }
            + [1, 3, 1000].flatMap { limit in keys.map { .query($0, limit: limit, whenExpired: false) } }
            + [.scan(openOnly: false, limit: 2), .scan(openOnly: true, limit: 1000)]
    }

    package mutating func perform(_ operation: Operation) async throws -> ModelAnswer {
        switch operation {
        case .apply(let draft, let delivery, let seconds):
            now = now + .seconds(seconds)
            let transition = draft.transition(now: now, seen: seen[delivery] ?? 0)
            let outcome = try await ledger.apply(transition, to: Self.deliveries[delivery], now: now, signedAt: nil)
            switch outcome {
            case .applied(_, let record): seen[delivery] = record.version
            case .refused(let record): seen[delivery] = record?.version
            }
            return ModelAnswer(outcome)
        case .read(let delivery, let isExpired):
            return ModelAnswer(try await ledger.read(Self.deliveries[delivery], now: time(isExpired)))
        case .query(let key, let limit, let isExpired):
            return try await read(key, LedgerQuery(key: key, limit: limit, now: time(isExpired)))
        case .scan(let openOnly, let limit): return try await scan(LedgerScan(openOnly: openOnly, limit: limit))
        }
    }

    private func time(_ isExpired: Bool) -> Timestamp { isExpired ? now + Self.retention + .seconds(1) : now }

    /// To its end, page by page. Records of the same time may stand in any order.
    private func read(_ key: LedgerQuery.Key, _ query: LedgerQuery) async throws -> ModelAnswer {
        let place: (DeliveryRecord) -> Int64 =
            switch key {
            case .order: { _ in 0 }
            case .email: { -$0.createdAt.microseconds }
            case .status: { -$0.updatedAt.microseconds }
            }
        var query = query
        var records: [DeliveryRecord] = []
        for _ in 1...Self.mostPages {
            let page = try await ledger.query(query)
            guard page.records.count <= query.limit else { return ModelAnswer("a page of \(page.records.count)") }
            records += page.records
            query.after = page.next
            guard page.next != nil else {
                let places = records.map(place)
                guard places == places.sorted() else { return ModelAnswer("out of order: \(records)") }
                return ModelAnswer(records.sorted { (place($0), $0.id) < (place($1), $1.id) })
            }
        }
        return ModelAnswer("the query does not end")
    }

    private func scan(_ scan: LedgerScan) async throws -> ModelAnswer {
        var scan = scan
        var records: [DeliveryRecord] = []
        for _ in 1...Self.mostPages {
            let page = try await ledger.scan(scan)
            records += page.records
            scan.after = page.next
            if page.next == nil { return ModelAnswer(records.sorted { $0.id < $1.id }) }
        }
        return ModelAnswer("the scan does not end")
    }
}

extension LedgerModel {
    /// So many that not all come to their end early, and each is met often. Some are of one order, and two orders differ in
    /// their bytes alone.
    static let deliveries: [DeliveryID] = ["A-1", "B \u{E9}", "B e\u{301}", "\u{1F4E6} \"5\" #/+"].flatMap {
        text in
        guard let order = OrderID(text) else { preconditionFailure("\(text) is an order id") }
        return [DeliveryID(order: order), DeliveryID(order: order, kind: .confirmationCopy(2))]
    }

    static let emails = ["ann@example.com", "bob+x@example.com"]

    private static let keys: [LedgerQuery.Key] =
        deliveries.map { .order($0.order) } + emails.map { .email($0) }
        + Set(DeliveryStatus.allCases.map(\.name))
        .sorted().map { .status($0) }

    private static func delivery(_ chance: inout ModelChance) -> Int { chance.number(0...deliveries.count - 1) }

    private static func key(_ chance: inout ModelChance) -> LedgerQuery.Key {
        chance.happens(oneIn: 10) ? .status("NONE") : chance.one(of: keys)
    }
}
