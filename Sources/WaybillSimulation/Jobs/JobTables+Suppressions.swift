import WaybillCore
import WaybillPorts

extension JobTables {
    /// A row of `suppressions`.
    struct SuppressionRow {
        var reason: String
        var sources: [SuppressionSource]
        var accountEmail: String?
        var seenAt: Timestamp?
    }

    /// Why a job's email is not to be sent.
    func suppression(of row: Row) -> String? {
        guard row.anyway == nil else { return nil }
        return suppressions[AddressKey(row.job.email).text]?.reason
    }

    func suppression(of email: String) -> SuppressedAddress? {
        let key = AddressKey(email.withoutNUL).text
        guard let row = suppressions[key] else { return nil }
        return SuppressedAddress(
            email: key,
            reason: row.reason,
            sources: row.sources,
            accountEmail: row.accountEmail
        )
    }

    mutating func suppress(_ suppression: Suppression, at: Timestamp) {
        let key = AddressKey(suppression.email.withoutNUL).text
        if isOld(key, at) { return }
        add(suppression.source, to: key, reason: suppression.reason.rawValue)
    }

    /// An operator took the address off at that time or later.
    private func isOld(_ key: String, _ at: Timestamp) -> Bool { unsuppressions[key].map { $0 >= at } ?? false }

    mutating func add(_ source: SuppressionSource, to key: String, reason: String) {
        var row = suppressions[key] ?? SuppressionRow(reason: reason.withoutNUL, sources: [])
        if !row.sources.contains(source) { row.sources.append(source) }
        suppressions[key] = row
    }

    mutating func unsuppress(_ email: String, now: Timestamp) -> Bool {
        let key = AddressKey(email.withoutNUL).text
        unsuppressions[key] = now
        return suppressions.removeValue(forKey: key) != nil
    }

    mutating func beginMirrorRead(
        _ kind: SuppressionMirror.Kind,
        since: Timestamp?,
        tick: Int64?,
        now: Timestamp
    ) -> Bool {
        if let tick, !begin(Tick(task: "suppressions", number: tick), now: now) { return false }
        mirror.read = SuppressionMirror.Read(kind: kind, startedAt: now, since: since)
        return true
    }

    /// The first that writes a tick does what it stands for.
    mutating func begin(_ tick: Tick, now: Timestamp) -> Bool {
        guard ticks[tick] == nil else { return false }
        ticks[tick] = now
        return true
    }

    mutating func keepMirrorPage(_ page: AccountSuppressionPage, now: Timestamp) {
        goOn(after: page)
        // Of several spellings the newest counts.
        var newest: [String: AccountSuppressionPage.Entry] = [:]
        for entry in page.entries {
            let key = AddressKey(entry.email.withoutNUL).text
            if isOld(key, entry.updatedAt) { continue }
            if let other = newest[key], (other.updatedAt, other.email) > (entry.updatedAt, entry.email) { continue }
            newest[key] = entry
        }
        for (key, entry) in newest {
            add(.account, to: key, reason: entry.text)
            suppressions[key]?.accountEmail = entry.email.withoutNUL
            suppressions[key]?.seenAt = now
        }
    }

    private mutating func goOn(after page: AccountSuppressionPage) {
        guard let read = mirror.read, !read.isDropping else { return }
        mirror.trouble = nil
        mirror.read?.token = page.next
        guard page.next == nil else { return }
        mirror.read?.since = nil
        switch read.kind {
        case .full: mirror.read?.isDropping = true
        case .recent:
            mirror.lastRead = read.startedAt
            mirror.read = nil
        }
    }

    mutating func dropUnseen(limit: Int) -> Int {
        guard let read = mirror.read, read.isDropping else { return 0 }
        let unseen = suppressions.filter { $0.value.seenAt.map { $0 < read.startedAt } ?? false }
            .sorted { ($0.value.seenAt ?? read.startedAt, $0.key) < ($1.value.seenAt ?? read.startedAt, $1.key) }
            .prefix(limit)
        for (key, row) in unseen {
            var row = row
            row.sources.removeAll { $0 == .account }
            (row.accountEmail, row.seenAt) = (nil, nil)
            suppressions[key] = row.sources.isEmpty ? nil : row
        }
        if unseen.count < limit {
            (mirror.lastFull, mirror.lastRead) = (read.startedAt, read.startedAt)
            mirror.read = nil
        }
        return unseen.count
    }

    mutating func forgetOld(_ age: Duration, now: Timestamp) -> Int {
        let before = ticks.count + unsuppressions.count
        ticks = ticks.filter { $0.value >= now - age }
        unsuppressions = unsuppressions.filter { $0.value >= now - age }
        return before - ticks.count - unsuppressions.count
    }
}
