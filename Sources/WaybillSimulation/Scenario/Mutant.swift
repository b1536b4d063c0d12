package import WaybillCore

/// A mistake, the faults in which it shows, and what it breaks.
package struct Mutant: Hashable, Sendable {
    package let mutation: Mutation
    package let mode: Scenario.Mode
    package let inDoubt: InDoubtMode?
    /// Empty: those that each seed draws.
    package let faults: Set<FaultKind>
    /// The invariants of which one must be seen broken.
    package let breaks: Set<Invariant>
    /// How much more often requests and answers get lost or late, and processes stand still, than in a seed of its own.
    package let intensity: UInt64
    /// What one machine loses for good when the faults end.
    package let lasting: Scenario.LastingFault?
    /// Workers; with two, the one that loses something has half of the jobs.
    package let nodes: Int?
    package let orders: Int?
    /// Within so many seeds.
    package let seeds: UInt64
    /// Why it takes more than 300.
    package let reason: String?

    private init(
        _ mutation: Mutation,
        _ mode: Scenario.Mode = .safety,
        inDoubt: InDoubtMode? = nil,
        faults: Set<FaultKind>,
        breaks: Set<Invariant>,
        intensity: UInt64 = 4,
        lasting: Scenario.LastingFault? = nil,
        nodes: Int? = nil,
        orders: Int? = nil,
        seeds: UInt64 = 300,
        reason: String? = nil
    ) {
        self.mutation = mutation
        self.mode = mode
        self.inDoubt = inDoubt
        self.faults = faults
        self.breaks = breaks
        self.intensity = intensity
        self.lasting = lasting
        self.nodes = nodes
        self.orders = orders
        self.seeds = seeds
        self.reason = reason
    }

    /// The scenario of a seed, with the mistake or, to compare, without.
    package func scenario(seed: UInt64, isMistaken: Bool = true) -> Scenario {
        let mistake = isMistaken ? mutation : nil
        if faults.isEmpty {
            return Scenario(seed: seed, mode: mode, overrides: Scenario.Overrides(mutation: mistake))
        }
        let overrides = Scenario.Overrides(
            nodes: nodes,
            orders: orders,
            only: faults,
            mutation: mistake,
            inDoubt: inDoubt,
            isShort: true,
            intensity: intensity,
            lasting: lasting
        )
        return Scenario(seed: seed, mode: mode, overrides: overrides)
    }

    /// Every mistake has its row.
    package static let table: [Mutant] = [
        Mutant(.claimExpires, faults: [.lostAnswers, .sesErrors, .pauses], breaks: [.I1]),
        Mutant(
            .signedWhenSent,
            inDoubt: .resend,
            faults: [.worstMoments, .longPauses],
            breaks: [.I1],
            intensity: 1
        ),
        Mutant(.clientPostsAgain, faults: [.lostAnswers], breaks: [.I1]),
        Mutant(
            .lateAnswerRefused,
            inDoubt: .hold,
            faults: [.worstMoments, .feedDeath, .lostEvents, .outages],
            breaks: [.I3],
            seeds: 1500,
            reason: "the answer must come after the sweep gave up hope of it, which is the rarest path of all"
        ),
        Mutant(.resentByTimeOnly, inDoubt: .resend, faults: [.queueOutages, .sesErrors, .lostAnswers], breaks: [.I1]),
        Mutant(.resentWithDeadFeed, inDoubt: .resend, faults: [.feedDeath, .lostAnswers, .sesErrors], breaks: [.I1]),
        Mutant(.completionNotFenced, faults: [.pauses, .worstMoments, .longPauses], breaks: [.I7, .I6]),
        Mutant(.reaperInOneStatement, .liveness, faults: [.slowCommits, .pauses, .kills], breaks: [.I2, .I9]),
        Mutant(
            .leaseTrustedPastEnd,
            faults: [.partitions, .databaseRestarts, .lostAnswers, .slowness],
            breaks: [.P5],
            intensity: 1,
            seeds: 1500,
            reason: "an email must be in hand in the second between the end of the trust and that of the lease"
        ),
        Mutant(.rankIgnored, faults: [.repeatedEvents, .lateEvents], breaks: [.I3]),
        Mutant(.feedbackCreatesItem, inDoubt: .hold, faults: [.foreignEvents], breaks: [.I3]),
        Mutant(.deletedBeforeDurable, faults: [.kills, .databaseRestarts], breaks: [.P2]),
        Mutant(.sesRetriedOnReset, faults: [.lostAnswers], breaks: [.I4, .I1]),
        Mutant(.staleSlotUsed, faults: [.pauses], breaks: [.I10]),
        Mutant(.lateDeparture, faults: [.slowness, .lostAnswers, .partitions], breaks: [.I10]),
        Mutant(.effectWithoutTerm, faults: [.longPauses, .pauses, .slowness, .sesErrors, .lostAnswers], breaks: [.I7]),
        Mutant(.suppressedFirstTimeOnly, faults: [.databaseRestarts, .ledgerThrottling], breaks: [.P2]),
        Mutant(.epochNotCompared, faults: [.lateRequests, .ledgerErrors, .lostRequests], breaks: [.I7]),
        Mutant(
            .attemptNotCompared,
            faults: [.lateRequests, .lostAnswers, .sesThrottling, .sesErrors, .ledgerErrors],
            breaks: [.I3]
        ),
        Mutant(.lostClaimsNotRecalled, .liveness, faults: [.lostAnswers, .databaseRestarts], breaks: [.I2]),
        Mutant(
            .renewedUnanswered,
            .liveness,
            faults: [.sesThrottling, .slowCommits, .sesErrors],
            breaks: [.I2, .I9],
            lasting: Scenario.LastingFault(.postgres, isOneSided: true),
            nodes: 2,
            orders: 200
        ),
        Mutant(
            .sweepGoesOn,
            .liveness,
            faults: [.lostAnswers, .sesErrors, .worstMoments],
            breaks: [.I2, .I9],
            lasting: Scenario.LastingFault(.dynamo),
            orders: 200,
            seeds: 1500,
            reason: "many jobs must be in doubt when the leader loses DynamoDB for good"
        ),
        Mutant(.latePause, .liveness, faults: [.databaseRestore, .lateRequests], breaks: [.I2]),
        Mutant(.claimedWhileDraining, faults: [.drains, .sesAccount, .slowness], breaks: [.I11]),
        Mutant(
            .leaderStaysThoughUnable,
            .liveness,
            faults: [.lostAnswers, .sesErrors],
            breaks: [.I2, .I9],
            lasting: Scenario.LastingFault(.dynamo)
        ),
        Mutant(
            .probeNotYielded,
            .liveness,
            faults: [.sesErrors, .sesAccount, .serviceOutages],
            breaks: [.I2],
            lasting: Scenario.LastingFault(.dynamo)
        ),
        Mutant(
            .jobsTakenWithoutLedger,
            .liveness,
            faults: [.sesAccount, .sesThrottling, .databaseRestarts],
            breaks: [.I2, .I9],
            lasting: Scenario.LastingFault(.dynamo)
        ),
        Mutant(
            .reachOfSESNotLearnt,
            .liveness,
            faults: [.sesAccount, .sesErrors],
            breaks: [.I2, .I9],
            lasting: Scenario.LastingFault(.ses),
            nodes: 2,
            orders: 200,
            seeds: 1500,
            reason: "the worker that loses SES for good must get each probe until the end: one world in 80"
        ),
        Mutant(
            .receivedUnasked,
            .liveness,
            faults: [.sesThrottling],
            breaks: [.I2, .I9],
            lasting: Scenario.LastingFault(.postgres, othersPause: .seconds(1200))
        ),
        Mutant(
            .closedInDoubtRetried,
            faults: [.operators, .lostAnswers, .feedDeath, .lostEvents, .sesErrors],
            breaks: [.I1]
        ),
        Mutant(
            .unconfirmedNotLookedAt,
            .liveness,
            inDoubt: .hold,
            faults: [.worstMoments, .outages, .longPauses, .lateEvents],
            breaks: [.I2]
        ),
    ]
}
