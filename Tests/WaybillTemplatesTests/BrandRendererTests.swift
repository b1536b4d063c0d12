import Foundation
import Testing
import WaybillCore
import WaybillPorts
import WaybillTemplates

@Suite struct BrandRendererTests {
    private static let templates = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "ops/templates").path()

    private func standard() -> Brand {
        Brand(
            name: .standard,
            from: "Shop <orders@example.com>",
            replyTo: nil,
            templates: [
                .en: "\(Self.templates)/order-confirmation", .de: "\(Self.templates)/order-confirmation-de",
            ],
            defaultLocale: .en,
            timeZone: .utc
        )
    }

    private func papeterie() throws -> Brand {
        Brand(
            name: try #require(BrandName("papeterie")),
            from: "Papeterie Zoë <bestellung@papeterie.example.com>",
            replyTo: "hilfe@papeterie.example.com",
            templates: [.en: "\(Self.templates)/papeterie/en", .de: "\(Self.templates)/papeterie/de"],
            defaultLocale: .de,
            timeZone: try #require(BrandTimeZone("Europe/Berlin"))
        )
    }

    private func order(_ brand: String, _ locale: String) throws -> Order {
        var order = Order.sample
        order.brand = try #require(BrandName(brand))
        order.locale = locale
        order.placedAt = try #require(Timestamp(rfc3339: "2026-11-30T23:30:00Z"))
        return order
    }

    private func email(_ brand: String, _ locale: String) async throws -> RenderedEmail {
        try await BrandRenderer.load([standard(), papeterie()]).render(order(brand, locale))
    }

    @Test(arguments: [
        ("default", "en-US", "Your order 2026-004711 is confirmed", "November 30, 2026", "€12,642.38"),
        ("default", "de-DE", "Ihre Bestellung 2026-004711 ist bestätigt", "30. November 2026", "12.642,38\u{A0}€"),
        ("papeterie", "en", "Papeterie Zoë: your order 2026-004711", "December 1, 2026", "€12,642.38"),
        ("papeterie", "de", "Papeterie Zoë: Ihre Bestellung 2026-004711", "1. Dezember 2026", "12.642,38\u{A0}€"),
    ])
    func everyBrandWritesInItsCustomersLanguage(
        brand: String,
        locale: String,
        subject: String,
        day: String,
        total: String
    ) async throws {
        let email = try await email(brand, locale)
        #expect(email.subject == subject)
        for body in [email.html, email.text] {
            #expect(body.contains(day))
            #expect(body.contains(total))
        }
        #expect(email.html.contains("<html lang=\"\(locale.prefix(2))\">"))
        #expect(email.template.hasPrefix("order-confirmation/\(brand)/\(locale.prefix(2))@"))
    }

    @Test func theSenderAndWhereAnswersGoAreTheBrands() async throws {
        let shop = try await email("default", "de")
        #expect((shop.from, shop.replyTo) == ("Shop <orders@example.com>", nil))
        let papeterie = try await email("papeterie", "de")
        #expect(papeterie.from == "=?UTF-8?Q?Papeterie_Zo=C3=AB?= <bestellung@papeterie.example.com>")
        #expect(papeterie.replyTo == "hilfe@papeterie.example.com")
    }

    @Test(arguments: [("default", "en"), ("papeterie", "de")])
    func anotherLanguageFallsBackToTheBrandsAndTheRecordSaysToWhich(brand: String, fallback: String) async throws {
        let email = try await email(brand, "fr-FR")
        #expect(email.template.hasPrefix("order-confirmation/\(brand)/\(fallback)@"))
        #expect(email.html.contains("<html lang=\"\(fallback)\">"))
    }

    @Test(arguments: ["default", "papeterie"], ["en", "de"])
    func textsOfAnOrderStayTexts(brand: String, locale: String) async throws {
        var order = try order(brand, locale)
        order.customer.name = "<b>\"x\"</b> {{total}}"
        let email = try await BrandRenderer.load([standard(), papeterie()]).render(order)
        #expect(email.html.contains("&lt;b&gt;&quot;x&quot;&lt;/b&gt; {{total}}"))
        #expect(!email.html.contains("<b>"))
    }

    @Test func aBrandThatThisWorkerDoesNotHaveIsLeftToOthers() async throws {
        let renderer = try await BrandRenderer.load([standard()])
        let order = try order("papeterie", "de")
        let error = await #expect(throws: RenderError.self) { try await renderer.render(order) }
        #expect(error?.code == .unknownBrand)
        #expect(error?.message == "expected one of the brands default, found papeterie")
        #expect(renderer.brands == [.standard])
    }

    @Test func aMissingTemplateEndsTheStartAndNamesBrandLocaleAndFile() async throws {
        var brand = try papeterie()
        brand.templates[.en] = "/nowhere"
        let brands = [standard(), brand]
        let error = await #expect(throws: RenderError.self) { try await BrandRenderer.load(brands) }
        let expected = "brand papeterie, locale en: /nowhere/subject.txt.mustache: expected a template file"
        #expect(error?.message.hasPrefix(expected) == true, "\(String(describing: error))")
    }

    @Test func aDefaultLocaleWithoutTemplatesEndsTheStart() async throws {
        var brand = try papeterie()
        brand.templates[.de] = nil
        let brands = [brand]
        let error = await #expect(throws: RenderError.self) { try await BrandRenderer.load(brands) }
        #expect(error?.message == "brand papeterie: expected templates in its default locale de")
    }

    @Test func aSenderThatWouldAddAHeaderEndsTheStart() async throws {
        var brand = try papeterie()
        brand.from = "Shop <a@example.com>\r\nBcc: b@example.com"
        let brands = [brand]
        await #expect(throws: RenderError.self) { try await BrandRenderer.load(brands) }
    }

    @Test func everyTemplateHasAVersionOfItsOwn() async throws {
        let renderer = try await BrandRenderer.load([standard(), papeterie()])
        #expect(renderer.versions.count == 4)
        #expect(Set(renderer.versions.map { $0.suffix(8) }).count == 4)
    }
}
