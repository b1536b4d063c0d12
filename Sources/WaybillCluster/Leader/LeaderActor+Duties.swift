import Logging
import WaybillCore
import WaybillPorts

/// What the leader does besides the sweep.
extension LeaderActor {
    /// The part of the account's rate that is used: SES measures over windows of its own.
    private static let headroomPercent: Int64 = 95
    private static let day = Duration.seconds(86_400)
    /// How long ticks and addresses taken off the list are remembered: no message lives longer in SQS and its dead-letter
    /// queue together (14 days each).
    private static let memory = Duration.seconds(30 * 86_400)
    /// A record that was written so recently may be on its way.
    private static let scanMinimumAge = Duration.seconds(600)

    /// SES's rate and quota, for the whole cluster.
    func refreshQuota(_ fence: LeaderFence) async throws(DutyFailure) -> Duration {
        guard let quota = ports.quota else { return settings.quotaInterval }
        let wait = waitForAccount()
        guard wait == .zero else { return wait }
        let limits: SendLimits
        do throws(QuotaError) {
            let account = try await quota.account()
            // An answer that does not name the plan does not take back one that did.
            accountPlan = account.plan ?? accountPlan
            limits = self.limits(of: account)
        } catch {
            // Better slow by a setting than not at all; without one, SES must be asked.
            guard let milliRate = settings.milliRate else { throw .outside(error.description) }
            logger.warning("SES's quota not read, the rate is the setting's", metadata: ["error": "\(error)"])
            limits = SendLimits(milliRate: milliRate, burst: settings.burst)
        }
        try await DutyFailure.wrap { () async throws(StoreError) in try await ports.rate.update(limits, fence: fence) }
        return settings.quotaInterval
    }

    /// The account's rate times the headroom, the setting at most.
    private func limits(of account: SendingAccount) -> SendLimits {
        let milliRate = Int64(account.maxSendRate * 1000) * Self.headroomPercent / 100
        return SendLimits(
            milliRate: max(1, min(milliRate, settings.milliRate ?? milliRate)),
            burst: settings.burst,
            hold: account.hold
        )
    }

    /// Whether the feed is drained matters only to `in-doubt = resend`.
    func watchFeed(_ fence: LeaderFence) async throws(DutyFailure) -> Duration {
        let interval = policy.feedDrain / 6
        guard policy.inDoubt == .resend else { return interval }
        let (trouble, isRead) = try await feedTrouble()
        try await DutyFailure.wrap { () async throws(StoreError) in
            try await ports.store.noteRead(trouble: trouble, gap: policy.feedDrain / 2, fence: fence)
        }
        guard isRead else { throw .outside(trouble ?? "") }
        return interval
    }

    /// What is not empty, nil when all is; and whether the queues could be read.
    private func feedTrouble() async throws(DutyFailure) -> (String?, isRead: Bool) {
        do throws(QueueError) {
            for queue in [ports.feedback] + ports.deadLetters {
                let depth = try await queue.depth()
                let messages = depth.visible + depth.inFlight + depth.delayed
                if messages > 0 { return ("\(messages) messages in \(queue.name)", true) }
            }
        } catch {
            return ("the queues could not be read: \(error)", false)
        }
        let quarantined = try await DutyFailure.wrap { () async throws(StoreError) in
            try await ports.store.quarantined(queue: ports.feedback.name)
        }
        return (quarantined > 0 ? "\(quarantined) events in the quarantine" : nil, true)
    }

    /// Room for the history, and the look at all records, once a day for the cluster.
    func daily(_ fence: LeaderFence) async throws(DutyFailure) -> Duration {
        let tick = try await DutyFailure.wrap { () async throws(StoreError) in
            try await ports.store.now().seconds / Self.day.wholeSeconds
        }
        if try await begin("history", tick, fence) {
            let changes = try await DutyFailure.wrap { () async throws(StoreError) in
                try await ports.store.maintainHistory(keepDays: settings.historyDays, fence: fence)
            }
            logger.info("history maintained", metadata: ["changes": "\(changes.joined(separator: ", "))"])
            _ = try await DutyFailure.wrap { () async throws(StoreError) in
                try await ports.store.forgetOld(Self.memory, fence: fence)
            }
            if let costs = ports.costs { try await forgetOldCosts(costs, fence) }
        }
        if try await begin("records", tick, fence) { try await scanRecords(fence) }
        return .seconds(300)
    }

    private func begin(_ task: String, _ tick: Int64, _ fence: LeaderFence) async throws(DutyFailure) -> Bool {
        try await DutyFailure.wrap { () async throws(StoreError) in
            try await ports.store.begin(task: task, tick: tick, fence: fence)
        }
    }

    private func scanRecords(_ fence: LeaderFence) async throws(DutyFailure) {
        let scan = RecordScan(
            store: ports.store,
            ledger: ports.ledger,
            policy: policy,
            minimumAge: Self.scanMinimumAge,
            fence: fence
        )
        do {
            let report = try await scan.repair()
            let missing = report.putBack.count + report.lost.count
            outcomes.add(.recordsWithoutJob, Int64(missing))
            guard missing > 0 else { return }
            let metadata: Logger.Metadata = [
                "put-back": "\(report.putBack.count)", "lost": "\(report.lost.count)",
                "first": "\((report.lost + report.putBack).first.map { "\($0)" } ?? "")",
            ]
            logger.critical("records without a job: was the database restored?", metadata: metadata)
            jobsReady.wake()
        } catch let error as StoreError where error.code == .deposed {
            throw .store(error)
        } catch {
            logger.error("records not looked through, tomorrow again", metadata: ["error": "\(error)"])
        }
    }
}

extension SendingAccount {
    /// Why SES would refuse every email now.
    var hold: SendHold? {
        if enforcement == "SHUTDOWN" { return SendHold(.accountSuspended, detail: "EnforcementStatus is SHUTDOWN") }
        if !sendingEnabled { return SendHold(.sendingPaused, detail: "SendingEnabled is false") }
        if max24HourSend >= 0, sentLast24Hours >= max24HourSend {
            let detail = "\(Int64(sentLast24Hours)) of \(Int64(max24HourSend)) emails of 24 hours are used up"
            return SendHold(.quotaExceeded, detail: detail)
        }
        return nil
    }
}
