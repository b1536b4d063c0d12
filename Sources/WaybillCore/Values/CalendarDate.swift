/// A date and time of day in UTC, in the proleptic Gregorian calendar, for writing and reading RFC 3339.
package struct CalendarDate: Hashable, Sendable {
    package var year: Int
    package var month: Int
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int
    package var microsecond: Int

    /// The date of a timestamp. The day arithmetic is Howard Hinnant's `civil_from_days`.
    package init(_ timestamp: Timestamp) {
        let seconds = timestamp.seconds
        microsecond = Int(timestamp.microseconds - seconds * 1_000_000)
        let (days, secondOfDay) = Self.floorDivide(seconds, 86_400)
        hour = Int(secondOfDay / 3600)
        minute = Int(secondOfDay / 60 % 60)
        second = Int(secondOfDay % 60)
        let shifted = days + 719_468
        let (era, dayOfEra) = Self.floorDivide(shifted, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    /// Midnight of a day that exists, or nil.
    package init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month),
            (1...Self.daysInMonth(year: year, month: month)).contains(day)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        (hour, minute, second, microsecond) = (0, 0, 0, 0)
    }

    /// The timestamp of this date, by `days_from_civil`.
    package var timestamp: Timestamp {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let (era, yearOfEra) = Self.floorDivide(shiftedYear, 400)
        let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        return Timestamp(microseconds: seconds * 1_000_000 + Int64(microsecond))
    }

    package static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension Timestamp {
    /// RFC 3339 in UTC with milliseconds: `2026-11-23T21:04:05.678Z`.
    package var rfc3339: String {
        let date = CalendarDate(self)
        return "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))"
            + "T\(pad(date.hour, 2)):\(pad(date.minute, 2)):\(pad(date.second, 2)).\(pad(date.microsecond / 1000, 3))Z"
    }

    /// The form of `X-Amz-Date`: `20261123T210405Z`. Source: AWS, "Create a signed AWS API request".
    package var amzDate: String {
        let date = CalendarDate(self)
        return "\(pad(date.year, 4))\(pad(date.month, 2))\(pad(date.day, 2))"
            + "T\(pad(date.hour, 2))\(pad(date.minute, 2))\(pad(date.second, 2))Z"
    }

    /// The day in UTC: `2026-11-23`.
    package var day: String { String(rfc3339.prefix(10)) }

    /// Reads RFC 3339: a date, `T` or a blank, a time with optional fraction, and `Z` or an offset. Nil for anything
    /// else, for a day or time that does not exist, and for one that is in UTC outside of the years 0 to 9999. Digits beyond
    /// microseconds are cut off.
    package init?(rfc3339 text: some StringProtocol) {
        var scanner = DigitScanner(Array(text.utf8))
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2), scanner.skip("T", "t", " "), let hour = scanner.digits(2), scanner.skip(":"),
            let minute = scanner.digits(2), scanner.skip(":"), let second = scanner.digits(2),
            let microsecond = scanner.fraction(), let offset = scanner.offset(), scanner.atEnd,
            hour < 24, minute < 60, second < 60, var date = CalendarDate(year: year, month: month, day: day)
        else { return nil }
        (date.hour, date.minute, date.second, date.microsecond) = (hour, minute, second, microsecond)
        self = date.timestamp - .seconds(offset * 60)
        // An offset can lead out of the years 0 to 9999, which are all that RFC 3339 can write.
        guard (0...9999).contains(CalendarDate(self).year) else { return nil }
    }
}

private func pad(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Reads fixed-width numbers from bytes.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var atEnd: Bool { position == bytes.count }

    mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + count] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        position += count
        return value
    }

    mutating func skip(_ allowed: Unicode.Scalar...) -> Bool {
        guard position < bytes.count, allowed.contains(where: { $0.value == UInt32(bytes[position]) }) else {
            return false
        }
        position += 1
        return true
    }

    /// An optional fraction of a second, in microseconds.
    mutating func fraction() -> Int? {
        guard skip(".") else { return 0 }
        var value = 0
        var count = 0
        while let digit = digits(1) {
            if count < 6 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in count..<max(count, 6) { value *= 10 }
        return value
    }

    /// The offset from UTC in minutes.
    mutating func offset() -> Int? {
        if skip("Z", "z") { return 0 }
        let sign: Int
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
