import ArgumentParser

@main
struct Waybill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waybill",
        abstract: "Turns order events into confirmation emails: never twice, never lost, always tracked.",
        discussion: """
            First steps: `waybill migrate`, `waybill setup`, then `waybill worker` in as
            many processes as you like, and `waybill publish FILE`. `waybill status`,
            `trace` and `deliveries` tell what became of it. `waybill worker --help` lists
            every setting.

            \(CommandExit.discussion)
            """,
        version: WaybillVersion.text,
        subcommands: [
            MigrateCommand.self, SetupCommand.self, WorkerCommand.self, PublishCommand.self, StatusCommand.self,
            TraceCommand.self, DeliveriesCommand.self, RenderCommand.self, RecoverCommand.self,
            ResendCopyCommand.self, RedriveCommand.self, CostCommand.self, HealthCommand.self, SimulateCommand.self,
        ]
    )

    static func main() async {
        await runToExit()
    }
}
