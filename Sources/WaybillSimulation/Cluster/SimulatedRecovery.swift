import WaybillCluster
import WaybillCore
import WaybillPorts

/// `waybill recover` after a restore, tried again until it has come to its end.
struct SimulatedRecovery: Sendable {
    private let machine: SimulatedMachine
    private let services: SimulatedServices
    private let scenario: Scenario

    init(_ machine: SimulatedMachine, _ services: SimulatedServices, _ scenario: Scenario) {
        self.machine = machine
        self.services = services
        self.scenario = scenario
    }

    /// `started` is called when workers may be started again: sending is paused.
    func run(started: @escaping @Sendable () -> Void) async {
        let jobs = WiredJobStore(
            link: ServiceLink(machine: machine, service: .postgres),
            store: services.store,
            server: services.locks,
            ledger: services.ledger,
            mutation: scenario.mutation,
            isDraining: { false }
        )
        let ledger = WiredLedger(
            link: ServiceLink(machine: machine, service: .dynamo),
            ledger: services.ledger,
            weather: services.weather,
            isFeedback: false
        )
        let queue = WiredQueue(
            link: ServiceLink(machine: machine, service: .sqs),
            queue: services.feedback,
            mutation: nil,
            check: { _ in }
        )
        let recovery = Recovery(
            store: jobs,
            ledger: ledger,
            rate: WiredSendRate(link: ServiceLink(machine: machine, service: .postgres), rate: services.rate),
            feed: queue,
            environment: machine.node,
            policy: scenario.policy
        )
        while true {
            do {
                let report = try await recovery.run(patience: .seconds(600)) { note in
                    machine.node.simulator.record("recover: \(note)", by: machine.node)
                    if note == "sending is paused" { started() }
                }
                if report.isSendingAgain { return }
            } catch {
                machine.node.simulator.record("recover failed: \(error)", by: machine.node)
            }
            do throws(CancellationError) {
                try await machine.node.sleep(for: .seconds(5))
            } catch {
                return
            }
        }
    }
}
