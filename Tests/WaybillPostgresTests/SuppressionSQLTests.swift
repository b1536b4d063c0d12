import Testing
import WaybillConformance
import WaybillCore
import WaybillPorts

@testable import WaybillPostgres

extension PostgreSQL {
    /// What an operator types, and what the database makes of it.
    @Suite struct SuppressionSQLTests {
        @Test func theDatabaseAndTheCoreAgreeOnEveryAddressOfASCII() async throws {
            try await TestDatabase.with { database async throws in
                let characters = Array("aZkKiI09.!#$%&'*+-/=?^_`{|}~")
                var generator = SystemRandomNumberGenerator()
                for _ in 0..<200 {
                    let text = (0..<3).map { _ in
                        String((1...6).map { _ in characters.randomElement(using: &generator) ?? "a" })
                    }
                    let address = "\(text[0])@\(text[1]).\(text[2])"
                    let key = try await database.key(of: address)
                    #expect(key == AddressKey(address).text, "\(address)")
                }
            }
        }

        @Test(
            arguments: [
                "ann@b\u{FC}cher.example", "\u{130}nci@example.com", "\u{212A}@example.com", "Ann <ann@example.com>",
                "ann@example.com, bob@example.com", "ann", "@", "", " ann@example.com", "ann@example.com\n",
            ]
        )
        func whatTheDatabaseCannotCompareIsRefusedWithWhatIsExpected(address: String) async throws {
            try await TestDatabase.with { database async throws in
                for call in ["suppress", "unsuppress"] {
                    let error = await #expect(throws: StoreError.self) {
                        let statement = PostgresStatement("SELECT admin.\(call)($1, 'why')").bind(address)
                        try await database.admin.perform([statement]) { _ in }
                    }
                    #expect(error?.sqlState == "22023")
                    #expect(error?.message.contains("expected") == true)
                }
                #expect(try await database.admin.number("SELECT count(*) FROM waybill.suppressions") == 0)
            }
        }

        @Test func whoAskedAndWhyIsKeptAndAReasonIsNeeded() async throws {
            try await TestDatabase.with { database async throws in
                try await database.admin.run(
                    script: "SELECT admin.suppress('Ann@Example.com', 'she asked us to stop')",
                    timeout: .seconds(10)
                )
                let row = try await database.admin.texts(
                    "SELECT email || ' ' || sources::text || ' ' || asked_reason || ' ' || (asked_by = session_user)::text "
                        + "FROM admin.suppressions"
                )
                #expect(row == ["ann@example.com {operator} she asked us to stop true"])
                let audit = "SELECT detail FROM waybill.audit WHERE action = 'suppress' AND actor = session_user"
                #expect(try await database.admin.texts(audit) == ["ann@example.com: she asked us to stop"])
                for call in ["suppress('a@b.c', ' ')", "unsuppress('a@b.c', NULL)", "send_anyway('A-1', '')"] {
                    await #expect(throws: StoreError.self) {
                        try await database.admin.run(script: "SELECT admin.\(call)", timeout: .seconds(10))
                    }
                }
            }
        }

        @Test func anOlderWorkersWritesAndReadsStillMeanTheSame() async throws {
            try await TestDatabase.with { database async throws in
                try await database.admin.run(
                    script: "INSERT INTO waybill.suppressions (email, reason) VALUES ('a@b.c', 'COMPLAINT') "
                        + "ON CONFLICT (email) DO NOTHING",
                    timeout: .seconds(10)
                )
                try await database.withStore { store async throws in
                    #expect(try await store.suppression(of: "A@b.c")?.reason == "COMPLAINT")
                    #expect(try await store.unsuppress("A@b.c"))
                }
                #expect(try await database.admin.number("SELECT count(*) FROM waybill.suppressions") == 0)
            }
        }

        @Test func everyColumnOfTheViewsSaysWhatItIs() async throws {
            try await TestDatabase.with { database async throws in
                let silent = try await database.admin.texts(
                    """
                    SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                    WHERE a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL
                        AND c.oid IN ('admin.suppressions'::regclass, 'admin.suppression_mirror'::regclass,
                            'waybill.suppressions'::regclass, 'waybill.unsuppressions'::regclass,
                            'waybill.suppression_mirror'::regclass, 'waybill.queue'::regclass)
                    """
                )
                #expect(silent == [])
            }
        }

        /// Batches keep each commit short, and what one batch costs does not grow with the list.
        @Test func aListOfAHundredThousandIsReadAndDroppedInBatches() async throws {
            try await TestDatabase.with { database async throws in
                try await database.withStore { store async throws in
                    let holder = WorkerID(high: 1, low: 1)
                    let lease = Duration.seconds(60)
                    let fence = try #require(try await store.campaign(role: "leader", holder: holder, lease: lease))
                    #expect(try await store.beginMirrorRead(.full, since: nil, tick: 1, fence: fence))
                    for page in 0..<100 { try await store.keepMirrorPage(.page(page, of: 100), fence: fence) }
                    #expect(try await store.dropUnseen(limit: 1000, fence: fence) == 0)
                    #expect(try await database.admin.number("SELECT count(*) FROM waybill.suppressions") == 100_000)
                    _ = try await store.campaign(role: "leader", holder: holder, lease: lease)
                    #expect(try await store.beginMirrorRead(.full, since: nil, tick: 2, fence: fence))
                    try await store.keepMirrorPage(.page(0, of: 1), fence: fence)
                    var dropped = 0
                    while true {
                        let count = try await store.dropUnseen(limit: 1000, fence: fence)
                        dropped += count
                        if count < 1000 { break }
                    }
                    #expect(dropped == 99_000)
                    #expect(try await database.admin.number("SELECT count(*) FROM waybill.suppressions") == 1000)
                    let entries = "SELECT last_full_entries FROM admin.suppression_mirror"
                    #expect(try await database.admin.number(entries) == 1000)
                }
            }
        }
    }
}

extension TestDatabase {
    fileprivate func key(of address: String) async throws -> String {
        let statement = PostgresStatement("SELECT waybill.address_key($1)").bind(address)
        return try await admin.perform([statement]) { results throws(StoreError) in
            try results.one { row throws(StoreError) in try row.text() }
        }
    }
}

extension AccountSuppressionPage {
    /// A thousand addresses.
    fileprivate static func page(_ number: Int, of count: Int) -> AccountSuppressionPage {
        let entries = (0..<1000).map { index in
            let email = "Customer\(number * 1000 + index)@shop.example"
            return Entry(email: email, reason: "BOUNCE", updatedAt: Timestamp(seconds: 1_700_000_000))
        }
        return AccountSuppressionPage(entries: entries, next: number + 1 < count ? "\(number)" : nil)
    }
}
