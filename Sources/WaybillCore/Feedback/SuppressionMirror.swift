/// Where it is known from that an address must not be written to.
package enum SuppressionSource: String, CaseIterable, Hashable, Sendable {
    /// A hard bounce of an email of this cluster.
    case bounce
    case complaint
    /// The suppression list of the SES account, which other applications and AWS's console change too.
    case account
    /// An operator asked for it.
    case `operator`
}

extension Suppression {
    /// SES's event is what it is known from.
    package var source: SuppressionSource {
        switch reason {
        case .bounce: .bounce
        case .complaint: .complaint
        }
    }
}

/// How far the leader has come with reading the account's suppression list, as the store keeps it: a page and its place are one
/// commit, so any leader goes on where the one before ended. Decides what is next.
package struct SuppressionMirror: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// The whole list, once a day: what it does not have any more is removed afterwards.
        case full
        /// What changed since the last read.
        case recent
    }

    /// A read that is under way.
    package struct Read: Hashable, Sendable {
        package var kind: Kind
        /// By the store's clock.
        package var startedAt: Timestamp
        /// Only what changed since then; nil for all.
        package var since: Timestamp?
        /// SES's token of the next page; nil for the first.
        package var token: String?
        /// All pages are read, and what they did not have is being removed.
        package var isDropping: Bool

        package init(
            kind: Kind,
            startedAt: Timestamp,
            since: Timestamp? = nil,
            token: String? = nil,
            isDropping: Bool = false
        ) {
            self.kind = kind
            self.startedAt = startedAt
            self.since = since
            self.token = token
            self.isDropping = isDropping
        }
    }

    package enum Action: Hashable, Sendable {
        /// A tick for the whole list: only the first that begins it reads.
        case begin(Kind, since: Timestamp?, tick: Int64?)
        case page(since: Timestamp?, token: String?)
        case drop
        case rest(Duration)
    }

    package var read: Read?
    /// When the last whole read that came to its end had begun.
    package var lastFull: Timestamp?
    /// The same for a read of either kind.
    package var lastRead: Timestamp?
    /// Why the list cannot be read, as SES says it.
    package var trouble: String?

    package init(
        read: Read? = nil,
        lastFull: Timestamp? = nil,
        lastRead: Timestamp? = nil,
        trouble: String? = nil
    ) {
        self.read = read
        self.lastFull = lastFull
        self.lastRead = lastRead
        self.trouble = trouble
    }

    /// An address that somebody put onto the account's list keeps this cluster from sending to it within so long; until then
    /// SES itself does not deliver, and bounces.
    package static let interval = Duration.seconds(300)
    /// SES's clock and the store's differ, and SES may show a change late.
    package static let overlap = Duration.seconds(3600)
    /// SES answers one such request a second and account; GetAccount and other applications need it too.
    package static let pagePause = Duration.seconds(2)
    /// After SES said no: a policy is missing, or others use up the rate.
    package static let troublePause = Duration.seconds(300)
    private static let day = Duration.seconds(86_400)

    /// The number of the day: the tick of the whole read.
    package static func tick(_ now: Timestamp) -> Int64 { now.seconds / day.wholeSeconds }

    /// What is next. `isFullBegun`: this day's whole read was begun by somebody and is over, or will not come to an end.
    package func next(now: Timestamp, isFullBegun: Bool = false) -> Action {
        if let read { return read.isDropping ? .drop : .page(since: read.since, token: read.token) }
        let today = Self.tick(now)
        if !isFullBegun, lastFull.map({ Self.tick($0) != today }) ?? true {
            return .begin(.full, since: nil, tick: today)
        }
        guard let lastRead, lastRead + Self.interval > now else {
            return .begin(.recent, since: lastRead.map { $0 - Self.overlap }, tick: nil)
        }
        return .rest(min(Self.interval, lastRead + Self.interval - now))
    }
}
