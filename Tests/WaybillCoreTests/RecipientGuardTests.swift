import Testing
import WaybillCore

@Suite struct RecipientGuardTests {
    @Test func withoutARuleEverybodyIsWrittenTo() {
        #expect(RecipientGuard().judge("ann@example.com") == .send)
        #expect(RecipientGuard().summary == nil)
    }

    @Test func aDryRunSuppressesEverything() {
        let guarded = RecipientGuard(.dryRun)
        #expect(guarded.judge("ann@example.com") == .suppress(reason: "guard: this is a dry run, nothing is sent"))
        #expect(guarded.summary == "dry run")
    }

    @Test func aRedirectionGoesToOneAddress() throws {
        let guarded = RecipientGuard(.redirect(try EmailAddress("test@shop.example")))
        #expect(guarded.judge("ann@example.com") == .redirect("test@shop.example"))
        #expect(guarded.summary == "all to test@shop.example")
    }

    @Test(arguments: [
        ("ann@example.com", true), ("ANN@Example.com", true), ("bob@example.com", false), ("x@shop.example", true),
        ("x@SHOP.example", true), ("x@sub.shop.example", false), ("x@myshop.example", false),
        ("shop.example@evil.test", false), ("", false),
    ])
    func onlyWhoIsOnTheListIsWrittenTo(email: String, isAllowed: Bool) throws {
        let list = try ["ann@example.com", "@Shop.example"].map { try RecipientGuard.Recipient($0) }
        let guarded = RecipientGuard(.allow(list))
        #expect((guarded.judge(email) == .send) == isAllowed)
        #expect(guarded.summary == "only to ann@example.com, @shop.example")
    }

    @Test(arguments: ["", "@", "ann", "@exa mple.com", "Ann <ann@example.com>"])
    func anEntryThatIsNeitherAddressNorDomainIsRefused(entry: String) {
        #expect(throws: EmailAddressError.self) { try RecipientGuard.Recipient(entry) }
    }

    @Test(arguments: [
        ("prod", true), ("production", true), ("live", true), ("eu-prod", true), ("prod-2", true), ("local", false),
        ("staging", false), ("product-demo", false), ("preprod", false),
    ])
    func anEnvironmentIsProductionByAPartOfItsName(environment: String, isProduction: Bool) {
        #expect(RecipientGuard.isProduction(environment) == isProduction)
    }
}
