import Configuration
import Testing

@testable import waybill

@Suite struct WorkerRoleTests {
    @Test func everyRoleIsTheDefault() throws {
        #expect(try WorkerRole.parse(try #require(Setting.roles.fallback)) == Set(WorkerRole.allCases))
        let reader = SettingsReader(providers: [InMemoryProvider(values: [:])])
        #expect(try WorkerRole.parse(try reader.text(.roles)).count == 4)
    }

    @Test func someOfThemAreReadWithOrWithoutBlanks() throws {
        #expect(try WorkerRole.parse("ingest, feedback") == [.ingest, .feedback])
        #expect(try WorkerRole.parse("send,send") == [.send])
    }

    @Test(
        arguments: [
            ("sender", "WAYBILL_ROLES: expected any of ingest, send, feedback, leader; found 'sender'"),
            ("Leader", "WAYBILL_ROLES: expected any of ingest, send, feedback, leader; found 'Leader'"),
            (" , ", "WAYBILL_ROLES: expected any of ingest, send, feedback, leader; found ''"),
            ("", "WAYBILL_ROLES: expected at least one of ingest, send, feedback, leader"),
        ]
    )
    func anyOtherWordIsRefusedAndTheAllowedOnesAreNamed(text: String, message: String) {
        #expect { try WorkerRole.parse(text) } throws: { "\($0)" == message }
    }

    @Test(arguments: WorkerRole.allCases)
    func theHelpNamesEachWithWhatItDoes(role: WorkerRole) {
        #expect(Setting.listing.contains("\(role.rawValue) (\(role.purpose))"))
    }
}
