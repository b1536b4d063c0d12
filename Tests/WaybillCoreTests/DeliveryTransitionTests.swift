import Testing
import WaybillCore

/// The table of DESIGN 2, row by row, on one item.
@Suite struct DeliveryTransitionTests {
    private let world = DeliveryFixture()

    private func item(after transitions: DeliveryTransition...) -> RecordAttributes {
        var item: RecordAttributes?
        for transition in transitions {
            #expect(transition.condition.holds(for: item), "\(transition)")
            item = RecordTable.apply(transition, to: item, id: world.id, now: world.now)
        }
        return item ?? [:]
    }

    private func record(_ item: RecordAttributes) throws -> DeliveryRecord {
        try DeliveryRecord(id: world.id, attributes: item)
    }

    private func later(_ claim: DeliveryClaim, epoch: Int64) -> DeliveryClaim {
        var claim = claim
        claim.epoch = Epoch(epoch)
        claim.attempt = AttemptID(high: 0, low: UInt64(epoch))
        return claim
    }

    @Test func aClaimCreatesTheRecordOrTakesAPendingOneOfAnEarlierEpoch() throws {
        let claimed = item(after: .claim(world.claim))
        #expect(try record(claimed).status == .sending)
        #expect(try record(claimed).version == 1)
        let released = item(after: .claim(world.claim), .release(world.claim.attempt, reason: "r"))
        #expect(DeliveryTransition.claim(later(world.claim, epoch: 11)).condition.holds(for: released))
        #expect(!DeliveryTransition.claim(later(world.claim, epoch: 10)).condition.holds(for: released))
        #expect(!DeliveryTransition.claim(later(world.claim, epoch: 9)).condition.holds(for: released))
    }

    @Test func nobodyClaimsADeliveryInAnyOtherStatus() {
        for status in DeliveryStatus.allCases where status != .pending {
            var attributes = item(after: .claim(world.claim))
            attributes[.status] = .text(status.name)
            attributes[.rank] = .number(Int64(status.rank))
            #expect(!DeliveryTransition.claim(later(world.claim, epoch: 99)).condition.holds(for: attributes))
        }
    }

    @Test func aPendingRecordOfAnotherPayloadIsNotClaimed() {
        let released = item(after: .claim(world.claim), .release(world.claim.attempt, reason: "r"))
        var other = later(world.claim, epoch: 99)
        other.subject.payloadHash = DeliveryFixture.hash(9)
        #expect(!DeliveryTransition.claim(other).condition.holds(for: released))
    }

    @Test func onlyTheAttemptThatClaimedReleasesOrFails() {
        let claimed = item(after: .claim(world.claim))
        let other = AttemptID(high: 8, low: 8)
        #expect(!DeliveryTransition.release(other, reason: "r").condition.holds(for: claimed))
        #expect(!DeliveryTransition.fail(other, reason: "r").condition.holds(for: claimed))
        #expect(DeliveryTransition.fail(world.claim.attempt, reason: "r").condition.holds(for: claimed))
        let doubted = item(after: .claim(world.claim), .doubt(world.claim.attempt, reason: "r"))
        #expect(DeliveryTransition.release(world.claim.attempt, reason: "r").condition.holds(for: doubted))
    }

    @Test func nothingButAClaimOrADecisionCreatesAnItem() {
        let attempt = world.claim.attempt
        let others: [DeliveryTransition] = [
            .fail(attempt, reason: "r"), .release(attempt, reason: "r"), .record(world.evidence("m")),
            .refine(world.evidence("m")), .doubt(attempt, reason: "r"), .resend(attempt),
            .resolve(seenVersion: 1, .resend, reason: "r"), .reopen(seenVersion: 1, reason: "r"),
        ]
        for transition in others { #expect(!transition.condition.holds(for: nil), "\(transition)") }
    }

    @Test func evidenceOverridesADecisionAndAnUnconfirmedRecord() throws {
        let doubted = item(
            after: .claim(world.claim),
            .doubt(world.claim.attempt, reason: "r"),
            .record(world.evidence("m"))
        )
        #expect(try record(doubted).status == .sent)
        #expect(try record(doubted).messageID == "m")
    }

    @Test func anOperatorResolvesOnlyWhatHeSaw() {
        let doubted = item(after: .claim(world.claim), .doubt(world.claim.attempt, reason: "r"))
        #expect(DeliveryTransition.resolve(seenVersion: 2, .close, reason: "r").condition.holds(for: doubted))
        #expect(!DeliveryTransition.resolve(seenVersion: 1, .close, reason: "r").condition.holds(for: doubted))
    }

    @Test func aDecisionIsNotReopenedOnceThereIsEvidenceOfASend() {
        let failed = item(after: .claim(world.claim), .fail(world.claim.attempt, reason: "r"))
        #expect(DeliveryTransition.reopen(seenVersion: 2, reason: "r").condition.holds(for: failed))
        var proven = failed
        proven[.fact(.sent)] = .number(1)
        #expect(!DeliveryTransition.reopen(seenVersion: 2, reason: "r").condition.holds(for: proven))
    }

    /// Whether a CLOSED record has an attempt tells whether SES may have accepted it.
    @Test func onlyWhatIsClosedInDoubtKeepsItsAttempt() throws {
        let attempt = world.claim.attempt
        let doubted = item(
            after: .claim(world.claim),
            .doubt(attempt, reason: "r"),
            .resolve(seenVersion: 2, .close, reason: "r")
        )
        #expect(try record(doubted).attempt == attempt)
        let cancelled = DeliveryDecision(
            subject: world.claim.subject,
            verdict: .closed,
            reason: "cancelled",
            epoch: Epoch(world.claim.epoch.number + 1)
        )
        let refused = item(after: .claim(world.claim), .release(attempt, reason: "throttled"), .decide(cancelled))
        #expect(try record(refused).status == .closed)
        #expect(try record(refused).attempt == nil)
    }

    @Test func pendingAndSendingStayOutOfTheStatusIndex() {
        #expect(item(after: .claim(world.claim))[.statusShard] == nil)
        let sent = item(after: .claim(world.claim), .record(world.evidence("m")))
        #expect(sent[.statusShard] == .text(StatusShard(of: world.id).key(.sent)))
        let reopened = item(
            after: .claim(world.claim),
            .fail(world.claim.attempt, reason: "r"),
            .reopen(seenVersion: 2, reason: "r")
        )
        #expect(reopened[.statusShard] == nil)
    }

    /// I8: whatever order a delivery's events come in, and however often, the record is the same.
    @Test func anyPermutationOfFeedbackWithRepeatsGivesTheSameRecord() throws {
        let events = [DeliveryFact.sent, .delivered, .bouncedSoft, .complained, .delayed].enumerated().map {
            index,
            fact in
            DeliveryEvidence(
                fact: fact,
                at: fact == .sent ? world.now : world.now + .seconds(index * 10),
                sentAt: world.now,
                messageID: "m"
            )
        }
        var results: Set<RecordAttributes> = []
        for order in permutations(Array(events.indices)) {
            var attributes = item(after: .claim(world.claim))
            for index in order + [order[0], order[2]] { attributes = feed(events[index], into: attributes) }
            attributes[.version] = nil
            results.insert(attributes)
        }
        #expect(results.count == 1)
        #expect(results.first?[.status] == .text("COMPLAINT"))
    }

    @Test func aSoftBounceAfterADeliveryIsAFactAndNoStatus() throws {
        var attributes = item(after: .claim(world.claim))
        for fact in [DeliveryFact.delivered, .bouncedSoft] {
            let evidence = DeliveryEvidence(fact: fact, at: world.now, sentAt: world.now, messageID: "m")
            attributes = feed(evidence, into: attributes)
        }
        #expect(try record(attributes).status == .delivered)
        #expect(try record(attributes).facts[.bouncedSoft] != nil)
    }

    @Test func fromSentUpNoEvidenceLowersTheRank() throws {
        for first in DeliveryFact.allCases {
            for second in DeliveryFact.allCases {
                var attributes = item(after: .claim(world.claim))
                var ranks: [Int] = []
                for fact in [first, second] {
                    let evidence = DeliveryEvidence(fact: fact, at: world.now, sentAt: world.now, messageID: "m")
                    attributes = feed(evidence, into: attributes)
                    ranks.append(try record(attributes).status.rank)
                }
                #expect(ranks[1] == max(first.status.rank, second.status.rank))
            }
        }
    }

    /// What the feedback processor does with one event: the evidence machine on this item.
    private func feed(_ evidence: DeliveryEvidence, into item: RecordAttributes) -> RecordAttributes {
        var item = item
        var machine = EvidenceMachine(evidence)
        var action = machine.begin()
        while case .write(let transition) = action {
            do {
                let before = try record(item)
                if transition.condition.holds(for: item) {
                    item = RecordTable.apply(transition, to: item, id: world.id, now: world.now)
                    action = machine.ledgerAnswered(.applied(before: before, after: try record(item)))
                } else {
                    action = machine.ledgerAnswered(.refused(before))
                }
            } catch {
                Issue.record(error)
                return item
            }
        }
        return item
    }

    private func permutations(_ elements: [Int]) -> [[Int]] {
        guard elements.count > 1 else { return [elements] }
        return elements.indices.flatMap { index in
            var rest = elements
            let element = rest.remove(at: index)
            return permutations(rest).map { [element] + $0 }
        }
    }
}
