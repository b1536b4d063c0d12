import ArgumentParser

@main
struct Waybill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waybill",
        abstract: "Turns order events into confirmation emails: never twice, never lost, always tracked."
    )
}
