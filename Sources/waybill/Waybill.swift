import ArgumentParser

@main
struct Waybill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waybill",
        abstract: "Turns order events into confirmation emails: never twice, never lost, always tracked.",
        discussion: """
            First steps: `waybill migrate`, `waybill setup`, then `waybill worker` in as many processes as you like, and \
            `waybill publish FILE`. `waybill worker --help` lists every setting.
            """,
        version: WaybillVersion.text,
        subcommands: [MigrateCommand.self, SetupCommand.self, WorkerCommand.self]
    )
}
