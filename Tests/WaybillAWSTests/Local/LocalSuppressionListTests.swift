import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

/// Against the local AWS, which checks signatures with botocore: the query is part of what is signed.
@Suite struct LocalSuppressionListTests {
    @Test func theListOfAnAccountIsReadByTimeAndAddressesAreTakenOff() async throws {
        try await LocalAWS.run { local in
            let list = local.services.suppressionList()
            let email = "\(LocalAWS.name("list"))+1@Customer.example"
            #expect(try await list.remove(email) == false)
            let now = local.services.clock.now()
            let (earlier, later) = (now - Duration.seconds(60), now + Duration.seconds(60))
            _ = try await local.control("POST", "/_local/suppressions", [.string(email)])
            var found: [AccountSuppressionPage.Entry] = []
            var token: String?
            repeat {
                let page = try await list.page(since: earlier, token: token)
                found += page.entries
                token = page.next
            } while token != nil
            let entry = try #require(found.first { $0.email == email.lowercased() })
            #expect(entry.reason == "BOUNCE")
            #expect(entry.updatedAt > earlier && entry.updatedAt < later)
            let none = try await list.page(since: later, token: nil)
            #expect(none.entries.allSatisfy { $0.email != email.lowercased() })
            let error = await #expect(throws: AccountListError.self) {
                try await list.page(since: nil, token: "no token")
            }
            #expect(error?.code == .staleToken)
            #expect(try await list.remove(email))
            #expect(try await list.remove(email) == false)
        }
    }
}
