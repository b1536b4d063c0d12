import WaybillCore
import WaybillPorts

/// UNIQUE (queue, body hash).
struct QuarantineKey: Hashable {
    let queue: String
    let bodyHash: PayloadHash
}

extension JobTables {
    /// One commit, numbered in the order of the key, as PostgreSQL does.
    mutating func keep(_ messages: [QuarantinedMessage], now: Timestamp) {
        let order = messages.indices.sorted { left, right in
            let (left, right) = (messages[left], messages[right])
            return left.queue != right.queue
                ? left.queue < right.queue
                : left.bodyHash.bytes.lexicographicallyPrecedes(right.bodyHash.bytes)
        }
        for index in order { keep(messages[index], now: now) }
    }

    private mutating func keep(_ message: QuarantinedMessage, now: Timestamp) {
        var message = message
        message.queue = message.queue.withoutNUL
        message.code = message.code.withoutNUL
        message.reason = message.reason.withoutNUL
        let key = QuarantineKey(queue: message.queue, bodyHash: message.bodyHash)
        if var entry = quarantine[key] {
            entry.message = message
            entry.count += 1
            entry.lastSeen = now
            quarantine[key] = entry
            return
        }
        // Numbers are not given again when a message has left.
        lastQuarantined += 1
        let id = lastQuarantined
        quarantine[key] = QuarantineEntry(id: id, message: message, count: 1, firstSeen: now, lastSeen: now)
    }

    /// Last seen first.
    func listQuarantine(limit: Int, where matches: (QuarantinedMessage) -> Bool) -> [QuarantineEntry] {
        quarantine.values.filter { matches($0.message) }
            .sorted { ($0.lastSeen, $0.id) > ($1.lastSeen, $1.id) }
            .prefix(max(0, limit)).map { $0 }
    }
}
