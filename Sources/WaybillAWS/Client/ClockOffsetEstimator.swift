package import WaybillCore

/// How far this machine's clock is from AWS's, learned from the `Date` headers of answers (DESIGN 2B). A header counts
/// whole seconds, so one answer only says that the offset lies in a range as wide as a second and the round trip; the
/// estimate moves no further than it must to lie in it.
package struct ClockOffsetEstimator: Hashable, Sendable {
    /// A slower answer says too little.
    package static let longestRoundTrip = Duration.seconds(2)

    /// What to add to this machine's clock. Kept until an answer contradicts it.
    package private(set) var offset = Duration.zero

    package init() {}

    /// An answer was stamped with `date`, and its last byte came at `receivedAt` by this machine's clock, `roundTrip`
    /// after the request began.
    package mutating func learn(date: Timestamp, receivedAt: Timestamp, roundTrip: Duration) {
        guard roundTrip < Self.longestRoundTrip else { return }
        let least = date - receivedAt
        let most = date + .seconds(1) - (receivedAt - roundTrip)
        offset = min(max(offset, least), most)
    }
}
