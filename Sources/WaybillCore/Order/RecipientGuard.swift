/// Keeps an environment that is not the shop's real one from writing to the shop's customers. Off unless it is set.
package struct RecipientGuard: Hashable, Sendable {
    package enum Rule: Hashable, Sendable {
        case off
        /// Nothing goes to SES.
        case dryRun
        /// Every email goes to this address instead.
        case redirect(EmailAddress)
        /// Only to these; every other order ends SUPPRESSED.
        case allow([Recipient])
    }

    /// An entry of the allow-list.
    package enum Recipient: Hashable, Sendable, CustomStringConvertible {
        case address(EmailAddress)
        /// `@example.com`: every address of exactly this domain.
        case domain(String)

        /// Reads `ann@example.com` or `@example.com`.
        package init(_ text: some StringProtocol) throws(EmailAddressError) {
            guard text.hasPrefix("@") else {
                self = .address(try EmailAddress(text))
                return
            }
            guard let domain = HostName.ascii(text.dropFirst()) else { throw .invalidDomain }
            self = .domain(domain)
        }

        package var description: String {
            switch self {
            case .address(let address): address.text
            case .domain(let domain): "@\(domain)"
            }
        }

        /// Addresses are compared without case: a test list that is too wide by that writes to nobody else's mailbox.
        fileprivate func matches(_ email: String) -> Bool {
            switch self {
            case .address(let address): address.text.lowercased() == email.lowercased()
            case .domain(let domain): email.lowercased().hasSuffix("@\(domain)")
            }
        }
    }

    package enum Verdict: Hashable, Sendable {
        case send
        /// To that address instead; the record keeps the order's.
        case redirect(String)
        case suppress(reason: String)
    }

    package var rule: Rule

    package init(_ rule: Rule = .off) {
        self.rule = rule
    }

    package func judge(_ email: String) -> Verdict {
        switch rule {
        case .off: .send
        case .dryRun: .suppress(reason: "guard: this is a dry run, nothing is sent")
        case .redirect(let address): .redirect(address.text)
        case .allow(let list):
            list.contains { $0.matches(email) }
                ? .send : .suppress(reason: "guard: the address is not on the allow-list of recipients")
        }
    }

    /// For logs and `status`; nil when it is off. It names no customer: these are addresses of the settings.
    package var summary: String? {
        switch rule {
        case .off: nil
        case .dryRun: "dry run"
        case .redirect(let address): "all to \(address)"
        case .allow(let list): "only to \(list.map(\.description).joined(separator: ", "))"
        }
    }

    /// Whether an environment is called as those are that write to customers: a part of its name between hyphens is `prod`,
    /// `production` or `live`.
    package static func isProduction(_ environment: String) -> Bool {
        environment.split(separator: "-").contains { ["prod", "production", "live"].contains($0) }
    }
}
