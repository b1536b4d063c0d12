/// An hour of UTC, in which AWS bills. Daylight saving time does not change its length.
package struct BillingHour: Hashable, Comparable, Sendable {
    /// Whole hours since 1970-01-01T00:00:00Z.
    package let number: Int

    package init(number: Int) {
        self.number = number
    }

    /// The hour in which a moment lies.
    package init(_ timestamp: Timestamp) {
        number = floorQuotient(Int(timestamp.seconds), 3600)
    }

    package static func < (left: BillingHour, right: BillingHour) -> Bool { left.number < right.number }

    package var start: Timestamp { Timestamp(seconds: Int64(number) * 3600) }
    package var day: BillingDay { BillingDay(number: floorQuotient(number, 24)) }
    package func advanced(by hours: Int) -> BillingHour { BillingHour(number: number + hours) }

    /// 0 is Monday from midnight to one, 167 Sunday's last hour.
    package var hourOfWeek: Int { day.weekday * 24 + number - day.number * 24 }
}

/// A day of UTC.
package struct BillingDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01, a Thursday.
    package let number: Int

    package init(number: Int) {
        self.number = number
    }

    /// The day in which a moment lies.
    package init(_ timestamp: Timestamp) {
        self = BillingHour(timestamp).day
    }

    /// A day that exists, or nil.
    package init?(year: Int, month: Int, day: Int) {
        guard let date = CalendarDate(year: year, month: month, day: day) else { return nil }
        self.init(date.timestamp)
    }

    /// Reads `2026-11-23`; nil for anything else and for a day that does not exist.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 10, let timestamp = Timestamp(rfc3339: "\(text)T00:00:00Z") else { return nil }
        self.init(timestamp)
    }

    package static func < (left: BillingDay, right: BillingDay) -> Bool { left.number < right.number }

    package var start: Timestamp { Timestamp(seconds: Int64(number) * 86_400) }
    package var date: CalendarDate { CalendarDate(start) }
    package var month: BillingMonth { BillingMonth(containing: date) }
    /// 0 is Monday, 6 Sunday.
    package var weekday: Int { floorRemainder(number + 3, 7) }
    package var firstHour: BillingHour { BillingHour(number: number * 24) }
    /// `2026-11-23`
    package var description: String { start.day }
    package func advanced(by days: Int) -> BillingDay { BillingDay(number: number + days) }
}

/// A calendar month of UTC: what AWS's tiers, free tiers and bills run over.
package struct BillingMonth: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let year: Int
    /// 1 to 12.
    package let month: Int

    /// A month that can be written, or nil.
    package init?(year: Int, month: Int) {
        guard (0...9999).contains(year), (1...12).contains(month) else { return nil }
        (self.year, self.month) = (year, month)
    }

    fileprivate init(containing date: CalendarDate) {
        (year, month) = (date.year, date.month)
    }

    /// Reads `2026-11`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard let day = BillingDay("\(text)-01") else { return nil }
        self = day.month
    }

    package static func < (left: BillingMonth, right: BillingMonth) -> Bool {
        (left.year, left.month) < (right.year, right.month)
    }

    package var first: BillingDay {
        guard let day = BillingDay(year: year, month: month, day: 1) else {
            preconditionFailure("a month that exists has a first day")
        }
        return day
    }
    package var last: BillingDay { first.advanced(by: days - 1) }
    package var days: Int { CalendarDate.daysInMonth(year: year, month: month) }
    /// 672 to 744.
    package var hours: Int { days * 24 }
    package var previous: BillingMonth { first.advanced(by: -1).month }
    package var next: BillingMonth { last.advanced(by: 1).month }
    package func contains(_ day: BillingDay) -> Bool { day >= first && day <= last }

    /// `2026-11`
    package var description: String { String(first.description.prefix(7)) }
}

private func floorQuotient(_ value: Int, _ divisor: Int) -> Int {
    value >= 0 ? value / divisor : (value - divisor + 1) / divisor
}

private func floorRemainder(_ value: Int, _ divisor: Int) -> Int { value - floorQuotient(value, divisor) * divisor }
