/// Rules about SES.
enum EmailAdvice {
    /// The same month in every plan whose prices are known.
    static func plan(_ situation: Situation) throws(Unknown) -> Finding? {
        let now = situation.pricing.plan
        let price = { (plan: SESPlan) throws(Unknown) in try situation.cost(try month(situation), plan: plan) }
        let paid = try price(now)
        var compared: [String] = []
        var best = (plan: now, cost: paid)
        for plan in SESPlan.allCases {
            do throws(Unknown) {
                let cost = try price(plan)
                compared.append("\(plan.rawValue) \(cost.formatted)")
                if cost < best.cost { best = (plan, cost) }
            } catch {
                compared.append("\(plan.rawValue) not priced")
            }
        }
        guard best.plan != now else { return nil }
        return Finding(
            title: "SES plan \(best.plan.rawValue) instead of \(now.rawValue)",
            saving: paid - best.cost,
            evidence:
                "\(try situation.use(.sesRecipients) / 1000) recipients a month: \(compared.joined(separator: ", "))",
            confidence: .high,
            how: "Change the plan in the SES console once nothing needs what the present one includes (virtual "
                + "deliverability manager, global endpoints). \(availability(best.plan))",
            meters: [.sesRecipients, .sesAttachmentBytes, .sesPlanHours]
        )
    }

    private static func month(_ situation: Situation) throws(Unknown) -> [Meter: Int64] {
        var usage = try situation.uses(of: [.sesRecipients, .sesAttachmentBytes])
        // Paid in every hour, however many of them were measured.
        usage[.sesPlanHours] = situation.hours * 1000
        return usage
    }

    /// Source: AWS's announcement of the plans, 2026-07-21, by a third party.
    private static func availability(_ plan: SESPlan) -> String {
        switch plan {
        case .aLaCarte: "Only accounts that sent before 2026-07-21 are offered this plan."
        case .essentials, .pro, .enterprise: "The plan holds from the day of the change."
        }
    }

    /// Fewer than this a day keep no address's reputation warm: mailbox providers judge an address by what they saw of it
    /// lately. From memory of SES's guide to warming up; it was not looked up.
    static let emailsPerAddressAndDay: Int64 = 1000

    static func dedicatedAddresses(_ situation: Situation) throws(Unknown) -> Finding? {
        let addresses = try situation.standing(.sesDedicatedIPHours) / 1000
        guard addresses > 0 else { return nil }
        let daily = situation.facts.emails / Int64(situation.facts.days)
        let worthwhile = daily / emailsPerAddressAndDay
        guard worthwhile < addresses else { return nil }
        return Finding(
            title: worthwhile == 0
                ? "Give back all \(addresses) dedicated addresses: SES's shared ones carry this volume"
                : "Keep \(worthwhile) of \(addresses) dedicated addresses",
            saving: try situation.saving([.sesDedicatedIPHours: worthwhile * situation.hours * 1000]),
            evidence: "\(daily) emails a day over \(addresses) addresses; "
                + "one wants at least \(emailsPerAddressAndDay) a day",
            confidence: .medium,
            how: "Take the addresses out of the pool one by one, a week apart, and watch bounces and complaints.",
            meters: [.sesDedicatedIPHours]
        )
    }
}
