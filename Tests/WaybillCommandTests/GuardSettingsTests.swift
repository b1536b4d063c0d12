import Configuration
import Testing
import WaybillCore

@testable import waybill

@Suite struct GuardSettingsTests {
    private func recipients(_ values: [AbsoluteConfigKey: ConfigValue]) throws(SettingsError) -> RecipientGuard {
        try SettingsReader(providers: [InMemoryProvider(values: values)]).recipientGuard()
    }

    @Test func theGuardIsOffUnlessItIsSet() throws {
        #expect(try recipients([:]).rule == .off)
        #expect(try recipients(["waybill.dryRun": "false", "waybill.environment": "prod"]).rule == .off)
    }

    @Test func eachSettingSetsItsRule() throws {
        #expect(try recipients(["waybill.dryRun": "true"]).rule == .dryRun)
        let redirection = try recipients(["waybill.redirectAllTo": "test@shop.example"])
        #expect(redirection.rule == .redirect(try EmailAddress("test@shop.example")))
        let list = try recipients(["waybill.recipientAllowList": "ann@example.com, @shop.example"])
        #expect(list.summary == "only to ann@example.com, @shop.example")
    }

    @Test(arguments: ["waybill.dryRun", "waybill.redirectAllTo", "waybill.recipientAllowList"])
    func productionRefusesEveryOneOfThem(key: AbsoluteConfigKey) {
        let value: ConfigValue = key == "waybill.dryRun" ? "true" : "test@shop.example"
        #expect { try recipients([key: value, "waybill.environment": "eu-prod"]) } throws: { error in
            "\(error)".hasSuffix("expected not to be set in the environment 'eu-prod': customers wait there")
        }
        #expect(throws: Never.self) { try recipients([key: value, "waybill.environment": "staging"]) }
    }

    @Test(
        arguments: [
            ("waybill.dryRun", "yes", "WAYBILL_DRY_RUN: expected true or false, found 'yes'"),
            (
                "waybill.redirectAllTo", "test",
                "WAYBILL_REDIRECT_ALL_TO: expected a bare address like name@example.com, found 'test'"
            ),
            (
                "waybill.recipientAllowList", "ann@example.com,",
                "WAYBILL_RECIPIENT_ALLOW_LIST: expected a bare address like name@example.com, or @example.com; found ''"
            ),
        ] as [(AbsoluteConfigKey, ConfigValue, String)]
    )
    func aMistakeNamesTheSettingAndWhatWasExpected(key: AbsoluteConfigKey, value: ConfigValue, words: String) {
        #expect { try recipients([key: value]) } throws: { "\($0)" == words }
    }

    @Test func onlyOneOfThemMayBeSet() {
        let both: [AbsoluteConfigKey: ConfigValue] = [
            "waybill.dryRun": "true", "waybill.redirectAllTo": "test@shop.example",
        ]
        #expect { try recipients(both) } throws: { error in
            "\(error)" == "WAYBILL_DRY_RUN: expected to be the only one that is set; so is WAYBILL_REDIRECT_ALL_TO"
        }
    }
}
