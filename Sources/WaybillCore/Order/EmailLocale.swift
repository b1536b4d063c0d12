/// A language that emails are written in. Amounts and days are written as that language writes them.
package enum EmailLocale: String, CaseIterable, Hashable, Comparable, Sendable {
    case en, de

    /// The one of `offered` that an order's language tag asks for, and `fallback` when there is none: `de-AT` becomes
    /// `de`. Regions are not told apart.
    package static func chosen(
        for tag: String,
        among offered: some Collection<EmailLocale>,
        fallback: EmailLocale
    ) -> EmailLocale {
        let language = tag.prefix { $0 != "-" }.lowercased()
        guard let locale = EmailLocale(rawValue: language), offered.contains(locale) else { return fallback }
        return locale
    }

    package static func < (left: EmailLocale, right: EmailLocale) -> Bool { left.rawValue < right.rawValue }
}
