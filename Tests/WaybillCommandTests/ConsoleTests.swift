import Testing
import WaybillAWS
import WaybillPorts

@testable import waybill

@Suite struct ConsoleTests {
    @Test(arguments: [
        (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false), (true, ["NO_COLOR": ""], true),
        (true, ["TERM": "dumb"], false),
    ])
    func coloursNeedATerminalAndNobodyWhoObjects(terminal: Bool, variables: [String: String], coloured: Bool) {
        let console = Console(outputIsTerminal: terminal, errorIsTerminal: !terminal, variables: variables)
        #expect(console.palette.isColoured == coloured)
    }

    @Test func outputAndErrorAreJudgedEachByItself() {
        let console = Console(outputIsTerminal: false, errorIsTerminal: true, variables: [:])
        #expect(!console.palette.isColoured)
        #expect(console.errorPalette.isColoured)
        #expect(console.showsProgress)
    }

    @Test func progressIsRewrittenAtMostTenTimesASecondAndTakenAway() {
        var line = ProgressLine(isShown: true)
        #expect(line.finish() == nil)
        #expect(line.update(now: .seconds(5)) { "1" } == "\r\u{1B}[K1")
        #expect(line.update(now: .milliseconds(5099)) { "2" } == nil)
        #expect(line.update(now: .milliseconds(5100)) { "3" } == "\r\u{1B}[K3")
        #expect(line.finish() == "\r\u{1B}[K")
        #expect(line.finish() == nil)
    }

    @Test func withoutATerminalThereIsNoProgress() {
        var line = ProgressLine(isShown: false)
        #expect(line.update(now: .zero) { "1" } == nil)
        #expect(line.finish() == nil)
    }

    @Test(arguments: [
        (LedgerError(.unavailable, "x") as any Error, CommandExit.unreachable),
        (LedgerError(.rejected, "x"), .failed), (StoreError(.unavailable, "x"), .unreachable),
        (StoreError(.rejected, "x"), .failed), (QueueError(.unavailable, "x"), .unreachable),
        (QueueError(.rejected, "x"), .failed), (SettingsError("x"), .usage), (AWSError(.credentials, "x"), .usage),
        (AWSError(.unanswered, "x"), .unreachable), (AWSError(.refused, type: "Throttling", "x"), .unreachable),
        (AWSError(.refused, type: "NotFound", "x"), .failed), (CommandFailure(.notFound, "x"), .notFound),
    ])
    func whatDidNotAnswerIsToldFromWhatRefused(error: any Error, exit: CommandExit) throws {
        let failure = try #require(CommandFailure(error))
        #expect(failure.exit == exit)
        #expect(failure.message.contains("x"))
    }

    @Test func theRootHelpNamesEveryExitCode() {
        for exit in CommandExit.allCases {
            #expect(CommandExit.discussion.contains("  \(exit.rawValue)  \(exit.meaning)"))
        }
    }
}
