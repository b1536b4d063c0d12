/// How SES is paid. Source: AWS, SES GetAccount, `PricingAttributes.CurrentPlan`.
package enum SESPlan: String, CaseIterable, Hashable, Sendable {
    /// `NONE`: each thing by itself. Accounts that sent before 2026-07-21 have it until they choose a plan.
    case aLaCarte = "a-la-carte"
    /// What a new account has.
    case essentials
    /// A monthly fee, counted by `ses.plan-hours`.
    case pro
    /// A larger monthly fee.
    case enterprise

    /// The plan of GetAccount's word; nil for a word that is not known.
    package init?(currentPlan: String) {
        switch currentPlan {
        case "NONE": self = .aLaCarte
        case "ESSENTIALS": self = .essentials
        case "PRO": self = .pro
        case "ENTERPRISE": self = .enterprise
        default: return nil
        }
    }
}
