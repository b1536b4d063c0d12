import WaybillCore

extension Timestamp {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads the value of a `Date` header in the form that servers must send (RFC 9110, IMF-fixdate:
    /// `Mon, 23 Nov 2026 21:04:05 GMT`), or gives nil.
    init?(httpDate text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, words[0].utf8.count == 4, words[0].last == ",", words[5] == "GMT",
            let day = Int(words[1]), let month = Self.months.firstIndex(of: String(words[2])), let year = Int(words[3]),
            var date = CalendarDate(year: year, month: month + 1, day: day)
        else { return nil }
        let time = words[4].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard time.count == 3, let hour = time[0], let minute = time[1], let second = time[2],
            (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        (date.hour, date.minute, date.second) = (hour, minute, second)
        self = date.timestamp
    }
}
