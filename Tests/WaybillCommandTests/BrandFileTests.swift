import Foundation
import Testing
import WaybillCore
import WaybillTemplates

@testable import waybill

@Suite struct BrandFileTests {
    private static let papeterie = """
        {"from":"P <p@example.com>","replyTo":"h@example.com","templates":{"de":"p/de","en":"/srv/en"},\
        "defaultLocale":"de","timeZone":"Europe/Berlin"}
        """

    private static let standard = Brand(
        name: .standard,
        from: "Shop <orders@example.com>",
        replyTo: nil,
        templates: [.en: "ops/templates/order-confirmation"],
        defaultLocale: .en,
        timeZone: .utc
    )

    private func read(_ text: String) throws(SettingsError) -> [Brand] {
        try BrandFile.read(Array(text.utf8), named: "b.json", folder: "/etc/waybill", standard: Self.standard)
    }

    @Test func aBrandIsReadAndItsFoldersAreBesideTheFile() throws {
        let brands = try read("{\"papeterie\":\(Self.papeterie)}")
        #expect(brands.map(\.name.text) == ["default", "papeterie"])
        #expect(brands[0] == Self.standard)
        #expect(brands[1].from == "P <p@example.com>")
        #expect(brands[1].replyTo == "h@example.com")
        #expect(brands[1].templates == [.de: "/etc/waybill/p/de", .en: "/srv/en"])
        #expect(brands[1].defaultLocale == .de)
        #expect(brands[1].timeZone == BrandTimeZone("Europe/Berlin"))
    }

    @Test func anEmptyFileLeavesTheDefaultBrand() throws {
        #expect(try read("{}") == [Self.standard])
    }

    @Test func theDefaultBrandGetsLanguagesAndATimeZone() throws {
        var expected = Self.standard
        expected.templates[.de] = "/etc/waybill/d"
        expected.timeZone = try #require(BrandTimeZone("Europe/Berlin"))
        let entry = "{\"default\":{\"templates\":{\"de\":\"d\"},\"timeZone\":\"Europe/Berlin\"}}"
        #expect(try read(entry) == [expected])
    }

    @Test func theDefaultBrandsOwnTemplatesMayBeInAnotherLanguage() throws {
        let brand = try #require(try read("{\"default\":{\"defaultLocale\":\"de\"}}").first)
        #expect(brand.templates == [.de: "ops/templates/order-confirmation"])
        #expect(brand.defaultLocale == .de)
    }

    @Test(arguments: [
        ("\"P <p@example.com>\"", "\"P\"", "$.papeterie.from: expected a bare address"),
        ("\"P <p@example.com>\"", "\"P <p@example.com>\\r\\nBcc: <b@example.com>\"", "$.papeterie.from: expected "),
        ("\"from\":\"P <p@example.com>\",", "", "$.papeterie.from: expected a string, found nothing"),
        ("\"h@example.com\"", "\"help\"", "$.papeterie.replyTo: expected a bare address"),
        ("\"replyTo\"", "\"reply\"", "$.papeterie.reply: expected one of the members from, replyTo, templates"),
        ("{\"de\":\"p/de\",\"en\":\"/srv/en\"}", "7", "$.papeterie.templates: expected an object, found 7"),
        ("\"p/de\"", "\"\"", "$.papeterie.templates.de: expected a folder, found \"\""),
        ("\"en\":", "\"fr\":", "$.papeterie.templates.fr: expected a member named en or de"),
        ("\"de\":\"p/de\",", "", "$.papeterie.templates.de: expected a folder for the default locale, found nothing"),
        ("Locale\":\"de\"", "Locale\":\"fr\"", "$.papeterie.defaultLocale: expected en or de, found \"fr\""),
        ("Europe/Berlin", "Europe/Bonn", "$.papeterie.timeZone: expected a name of the IANA time zone database"),
    ])
    func aMistakeNamesTheSettingTheEntryAndTheField(replace: String, by: String, expected: String) {
        let entry = Self.papeterie.replacing(replace, with: by)
        #expect(entry != Self.papeterie)
        #expect { try read("{\"papeterie\":\(entry)}") } throws: { error in
            "\(error)".hasPrefix("WAYBILL_BRANDS: b.json: \(expected)")
        }
    }

    @Test(arguments: [
        (
            "{\"default\":{\"from\":\"a@example.com\"}}",
            "$.default.from: expected nothing here: the default brand's is WAYBILL_FROM"
        ),
        ("{\"default\":{\"templates\":{\"en\":\"x\"}}}", "$.default.templates.en: expected nothing here"),
        ("{\"Shop\":{}}", "$.Shop: expected a brand's name"), ("[]", "$: expected an object"),
        ("{\"a\":7}", "$.a: expected an object, found 7"),
    ])
    func aMistakeOfTheWholeFileIsNamedToo(text: String, expected: String) {
        #expect { try read(text) } throws: { "\($0)".hasPrefix("WAYBILL_BRANDS: b.json: \(expected)") }
    }

    @Test func allMistakesAreNamedAtOnce() {
        #expect { try read("{\"a\":{},\"b\":{}}") } throws: { error in
            let text = "\(error)"
            return ["$.a.from", "$.a.timeZone", "$.b.from", "$.b.defaultLocale"].allSatisfy(text.contains)
        }
    }

    @Test func whatIsNotJSONIsNamed() {
        #expect { try read("{") } throws: { "\($0)".hasPrefix("WAYBILL_BRANDS: expected JSON (RFC 8259) in b.json") }
    }

    @Test func theShippedExampleRendersTheShippedOrder() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "ops/templates")
        var standard = Self.standard
        standard.templates = [.en: root.appending(path: "order-confirmation").path()]
        let brands = try BrandFile.read(
            Array(Data(contentsOf: root.appending(path: "brands.json"))),
            named: "brands.json",
            folder: root.path(),
            standard: standard
        )
        let renderer = try await BrandRenderer.load(brands)
        let order = try Array(Data(contentsOf: root.appending(path: "example-order.json")))
        let result = await RenderResult(order, with: renderer, brands: renderer.brands)
        #expect(result.faults == [])
        #expect(result.json["email"]?["brand"]?.text == "papeterie")
        #expect(result.json["email"]?["from"]?.text?.hasSuffix("<bestellung@papeterie.example.com>") == true)
        #expect(result.json["email"]?["text"]?.text?.contains("1. Dezember 2026") == true)
        let refused = await RenderResult(order, with: renderer)
        #expect(refused.faults == ["$.brand: expected one of the brands default, found \"papeterie\""])
    }
}
