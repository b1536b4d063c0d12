import WaybillCore

extension SettingsReader {
    /// The non-production guard. At most one of its settings may be set, and none in production.
    func recipientGuard() throws(SettingsError) -> RecipientGuard {
        let environment = try environmentName()
        var found: [(setting: Setting, rule: RecipientGuard.Rule)] = []
        if try flag(.dryRun) { found.append((.dryRun, .dryRun)) }
        if let text = try optionalText(.redirectAllTo) { found.append((.redirectAllTo, .redirect(try address(text)))) }
        if let text = try optionalText(.recipientAllowList) {
            found.append((.recipientAllowList, .allow(try recipients(text))))
        }
        guard let first = found.first else { return RecipientGuard() }
        guard !RecipientGuard.isProduction(environment) else {
            let expected = "not to be set in the environment '\(environment)': customers wait there"
            throw SettingsError(first.setting, expected)
        }
        guard found.count == 1 else {
            let others = found.dropFirst().map(\.setting.variable).joined(separator: " and ")
            throw SettingsError(first.setting, "to be the only one that is set; so is \(others)")
        }
        return RecipientGuard(first.rule)
    }

    private func flag(_ setting: Setting) throws(SettingsError) -> Bool {
        switch try text(setting) {
        case "true": return true
        case "false", "": return false
        case let other: throw SettingsError(setting, "true or false, found '\(other)'")
        }
    }

    private func address(_ text: String) throws(SettingsError) -> EmailAddress {
        do {
            return try EmailAddress(text)
        } catch {
            throw SettingsError(.redirectAllTo, "\(error), found '\(text)'")
        }
    }

    private func recipients(_ text: String) throws(SettingsError) -> [RecipientGuard.Recipient] {
        var list: [RecipientGuard.Recipient] = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let entry = entry.filter { $0 != " " }
            do {
                list.append(try RecipientGuard.Recipient(entry))
            } catch {
                throw SettingsError(.recipientAllowList, "\(error), or @example.com; found '\(entry)'")
            }
        }
        return list
    }
}
