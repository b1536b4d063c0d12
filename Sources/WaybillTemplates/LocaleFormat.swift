package import WaybillCore

/// How a language writes amounts, numbers and days, as Unicode's CLDR has it for `en` and `de`.
///
/// A table of our own instead of Foundation's formatters: those take a Decimal and change with the toolchain's copy of
/// CLDR, and a receipt must show the order's exact amount, in the same way today and after an upgrade.
package struct LocaleFormat: Hashable, Sendable {
    private let locale: EmailLocale

    package init(_ locale: EmailLocale) {
        self.locale = locale
    }

    /// `€1,234.50` and `-€5.00` in English, `1.234,50 €` and `-5,00 €` in German: all the digits of the currency. A
    /// currency without a sign that is its own is written by its code.
    package func money(_ amount: Amount, in currency: Currency) -> String {
        let decimal = amount.decimal(in: currency)
        let sign = decimal.hasPrefix("-") ? "-" : ""
        let parts = decimal.dropFirst(sign.count).split(separator: ".")
        let fraction = parts.count == 2 ? "\(decimalSeparator)\(parts[1])" : ""
        let number = grouped(parts[0]) + fraction
        let symbol = Self.symbols[currency.code]
        switch locale {
        case .en:
            let before = symbol ?? "\(currency.code)\(Self.noBreakSpace)"
            return "\(sign)\(before)\(number)"
        case .de:
            return "\(sign)\(number)\(Self.noBreakSpace)\(symbol ?? currency.code)"
        }
    }

    /// `12,000` and `12.000`.
    package func number(_ value: Int64) -> String {
        (value < 0 ? "-" : "") + grouped("\(value.magnitude)"[...])
    }

    /// `November 23, 2026` and `23. November 2026`.
    package func day(_ date: CalendarDate) -> String {
        let month = months[date.month - 1]
        return switch locale {
        case .en: "\(month) \(date.day), \(date.year)"
        case .de: "\(date.day). \(month) \(date.year)"
        }
    }

    /// Signs that stand for one currency. A `$` could be Canada's too, whose orders say CAD.
    private static let symbols = ["EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"]
    /// An amount is not torn from its currency at the end of a line.
    private static let noBreakSpace = "\u{A0}"

    private var decimalSeparator: String {
        switch locale {
        case .en: "."
        case .de: ","
        }
    }

    private var groupSeparator: Character {
        switch locale {
        case .en: ","
        case .de: "."
        }
    }

    private var months: [String] {
        switch locale {
        case .en:
            [
                "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December",
            ]
        case .de:
            [
                "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
                "November", "Dezember",
            ]
        }
    }

    private func grouped(_ digits: Substring) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(groupSeparator) }
            text.append(digit)
        }
        return text
    }
}
