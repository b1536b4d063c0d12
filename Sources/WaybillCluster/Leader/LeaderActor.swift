package import Logging
package import WaybillCore
import WaybillPorts

/// Stands for leadership and, in its term, does what is done once for the cluster: judges jobs in doubt, asks SES for its
/// quota, watches the feed of events, looks for records without a job. Safety does not rest on being the only leader: every
/// effect is conditional or fenced by the term.
package actor LeaderActor {
    package static let role = "leader"

    let ports: LeaderPorts
    let settings: LeaderSettings
    let policy: DeliveryPolicy
    let rule: InDoubtRule
    let outcomes: OutcomeStream
    let jobsReady: WakeStream
    let logger: Logger
    private let board: LeaseBoard
    private let shutdown: ShutdownSignal
    private var machine: LeadershipMachine
    /// When each duty is due, by the monotonic clock; a new term begins with all of them.
    private var due: [Duty: Duration] = [:]

    /// How often in a row each duty could not be done because AWS was out of reach.
    private var failures: [Duty: Int] = [:]
    var costMemory = CostMemory()
    /// As SES's GetAccount last said it.
    var accountPlan: SESPlan?

    /// Until then others are to lead.
    private var standsAgain = Duration.zero

    /// When SES was last asked about the account.
    private var accountAskedAt: Duration?
    /// SES answers one request about the account a second; a little more, because requests overtake each other.
    private static let accountPause = Duration.milliseconds(1200)

    /// So often may AWS be out of reach before the leader thinks that it is its own place in the network.
    private static let mostFailures = 3
    enum Duty: CaseIterable {
        case quota, feed, sweep, daily, suppressions, costs
    }

    package init(
        ports: LeaderPorts,
        settings: LeaderSettings,
        policy: DeliveryPolicy,
        board: LeaseBoard,
        outcomes: OutcomeStream,
        jobsReady: WakeStream,
        shutdown: ShutdownSignal,
        logger: Logger
    ) {
        self.ports = ports
        self.settings = settings
        self.policy = policy
        rule = InDoubtRule(policy: policy, mutation: ports.environment.mutation)
        self.board = board
        self.outcomes = outcomes
        self.jobsReady = jobsReady
        self.shutdown = shutdown
        self.logger = logger
        machine = LeadershipMachine(timing: settings.timing)
    }

    /// Stands until the shutdown begins, and then gives the term back, so that another leads at once.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.stand() }
            group.addTask { await self.serve() }
        }
        // Cancelled in the middle, as if the process had died: the term runs out.
        if !Task.isCancelled { await resign() }
    }

    /// The term in which this process may act at this moment.
    var term: LeaderFence? { machine.trusted(now: ports.environment.monotonicNow()) }

    /// Zero when SES may be asked about the account, which then counts as done now, by whichever duty; else how long to wait.
    func waitForAccount() -> Duration {
        let now = ports.environment.monotonicNow()
        if let accountAskedAt, now - accountAskedAt < Self.accountPause {
            return accountAskedAt + Self.accountPause - now
        }
        accountAskedAt = now
        return .zero
    }

    private func stand() async {
        while !shutdown.hasBegun, !Task.isCancelled {
            await campaign()
            let jitter = 0.9 + ports.environment.randomFraction() / 10
            await shutdown.sleep(for: settings.timing.renewal * jitter, in: ports.environment)
        }
    }

    private func campaign() async {
        let askedAt = ports.environment.monotonicNow()
        guard askedAt >= standsAgain else { return }
        guard let holder = board.trusted(now: askedAt) else { return }
        do {
            let fence = try await ports.leadership.campaign(
                role: Self.role,
                holder: holder,
                lease: settings.timing.lease
            )
            switch machine.answered(fence, askedAt: askedAt) {
            case .elected:
                due = [:]
                failures = [:]
                costMemory = CostMemory()
                outcomes.add(.leaderElected)
                logger.notice("this worker leads", metadata: ["term": "\(fence.map { "\($0.term)" } ?? "")"])
            case .deposed:
                outcomes.add(.leaderDeposed)
                logger.notice("another worker leads")
            case nil: break
            }
        } catch {
            outcomes.add(.storeUnavailable)
            logger.warning("leadership not renewed", metadata: ["error": "\(error)"])
        }
    }

    private func serve() async {
        while !shutdown.hasBegun, !Task.isCancelled {
            for duty in Duty.allCases { await perform(duty) }
            let pause = min(settings.sweepInterval, settings.look)
            await shutdown.sleep(for: pause * (0.75 + ports.environment.randomFraction() / 4), in: ports.environment)
        }
    }

    /// A duty that finds its term over ends it; one that cannot begin gives the leadership to somebody who perhaps can.
    private func perform(_ duty: Duty) async {
        let now = ports.environment.monotonicNow()
        guard let fence = term, due[duty].map({ $0 <= now }) ?? true else { return }
        do throws(DutyFailure) {
            due[duty] = now + (try await carryOut(duty, fence))
            failures[duty] = nil
        } catch {
            due[duty] = now + settings.sweepInterval
            switch error {
            case .store(let error) where error.code == .deposed:
                machine.end()
                outcomes.add(.leaderDeposed)
                logger.notice("the term is over: another worker leads")
            case .store(let error):
                outcomes.add(.storeUnavailable)
                logger.warning("a duty could not be done, the leader resigns", metadata: ["error": "\(error)"])
                await resign()
            case .outside(let reason):
                logger.warning("a duty could not be done, it comes again", metadata: ["error": "\(reason)"])
                await letOthersTry(duty)
            }
        }
    }

    /// Returns when the duty is due again.
    private func carryOut(_ duty: Duty, _ fence: LeaderFence) async throws(DutyFailure) -> Duration {
        switch duty {
        case .quota: return try await refreshQuota(fence)
        case .feed: return try await watchFeed(fence)
        case .sweep: return try await sweep(fence)
        case .daily: return try await daily(fence)
        case .suppressions: return try await mirrorSuppressions(fence)
        case .costs: return try await reckonCosts(fence)
        }
    }

    /// A leader that alone cannot reach AWS must not keep the leadership from those who can.
    private func letOthersTry(_ duty: Duty) async {
        failures[duty, default: 0] += 1
        guard failures[duty, default: 0] >= Self.mostFailures else { return }
        if ports.environment.mutation == .leaderStaysThoughUnable { return }
        failures = [:]
        // Others stand more often than a lease lasts, so one of them has it by then, if there is one; and should none be
        // better placed, nobody leads for no longer than after a leader's death.
        standsAgain = ports.environment.monotonicNow() + settings.timing.lease
        logger.warning("the leader resigns: AWS is out of its reach, others may try")
        await resign()
    }

    private func resign() async {
        guard let fence = machine.held else { return }
        machine.end()
        do {
            try await ports.leadership.resign(fence)
        } catch {
            logger.warning("leadership not given back, it runs out by itself", metadata: ["error": "\(error)"])
        }
    }
}

/// Why a duty of the leader was not done.
enum DutyFailure: Error {
    case store(StoreError)
    /// AWS was out of reach. Another leader may fare better.
    case outside(String)

    static func wrap<Value>(_ body: () async throws(StoreError) -> Value) async throws(DutyFailure) -> Value {
        do {
            return try await body()
        } catch {
            throw .store(error)
        }
    }
}
