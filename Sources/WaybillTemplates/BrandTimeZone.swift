import Foundation
package import WaybillCore

/// The time zone in which a brand's customers read a day. Foundation knows when clocks are changed.
package struct BrandTimeZone: Hashable, Sendable {
    package static let utc = BrandTimeZone(zone: .gmt)

    private let zone: TimeZone

    /// A name of the IANA database, like `Europe/Berlin`, or `UTC`; nil for others. Offsets and abbreviations are none:
    /// they do not know of summer time.
    package init?(_ name: String) {
        guard name != "UTC" else {
            self = .utc
            return
        }
        guard name.contains("/"), let zone = TimeZone(identifier: name) else { return nil }
        self.zone = zone
    }

    private init(zone: TimeZone) {
        self.zone = zone
    }

    /// What calendar and clock show there.
    package func date(_ time: Timestamp) -> CalendarDate {
        let moment = Date(timeIntervalSince1970: TimeInterval(time.seconds))
        return CalendarDate(time + .seconds(zone.secondsFromGMT(for: moment)))
    }
}
