package import WaybillCore
package import WaybillPorts

/// One brand's emails: who they are from, and the templates of each language.
package struct Brand: Hashable, Sendable {
    package var name: BrandName
    /// Mailboxes as people write them: `Shop <orders@example.com>`.
    package var from: String
    package var replyTo: String?
    /// The folder of each language's templates.
    package var templates: [EmailLocale: String]
    /// For orders in other languages. It has templates.
    package var defaultLocale: EmailLocale
    package var timeZone: BrandTimeZone

    package init(
        name: BrandName,
        from: String,
        replyTo: String?,
        templates: [EmailLocale: String],
        defaultLocale: EmailLocale,
        timeZone: BrandTimeZone
    ) {
        self.name = name
        self.from = from
        self.replyTo = replyTo
        self.templates = templates
        self.defaultLocale = defaultLocale
        self.timeZone = timeZone
    }
}

/// Renders each order in its brand's name and its customer's language.
package struct BrandRenderer: EmailRenderer {
    private struct Editions: Sendable {
        let locales: [EmailLocale: MustacheRenderer]
        let fallback: (locale: EmailLocale, renderer: MustacheRenderer)
    }

    private let editions: [BrandName: Editions]

    /// The brands that an order may name.
    package var brands: Set<BrandName> { Set(editions.keys) }

    /// The names and versions of all templates, sorted.
    package var versions: [String] { editions.values.flatMap { $0.locales.values.map(\.version) }.sorted() }

    /// Loads every template of every brand: what is missing or faulty ends the start, and not an email.
    package static func load(
        _ brands: [Brand],
        executor: any TaskExecutor = globalConcurrentExecutor
    ) async throws(RenderError) -> BrandRenderer {
        var editions: [BrandName: Editions] = [:]
        for brand in brands {
            var locales: [EmailLocale: MustacheRenderer] = [:]
            for (locale, folder) in brand.templates.sorted(by: { $0.key < $1.key }) {
                locales[locale] = try await edition(of: brand, locale, folder, executor)
            }
            guard let fallback = locales[brand.defaultLocale] else {
                throw RenderError(
                    "brand \(brand.name): expected templates in its default locale \(brand.defaultLocale)"
                )
            }
            editions[brand.name] = Editions(locales: locales, fallback: (brand.defaultLocale, fallback))
        }
        return BrandRenderer(editions: editions)
    }

    private static func edition(
        of brand: Brand,
        _ locale: EmailLocale,
        _ folder: String,
        _ executor: any TaskExecutor
    ) async throws(RenderError) -> MustacheRenderer {
        do throws(RenderError) {
            return try await MustacheRenderer.load(
                directory: folder,
                from: brand.from,
                replyTo: brand.replyTo,
                name: "order-confirmation/\(brand.name)/\(locale)",
                locale: locale,
                timeZone: brand.timeZone,
                executor: executor
            )
        } catch {
            throw RenderError("brand \(brand.name), locale \(locale): \(error.message)")
        }
    }

    package func render(_ order: Order) async throws(RenderError) -> RenderedEmail {
        guard let brand = editions[order.brand] else {
            let known = brands.sorted().map(\.text).joined(separator: ", ")
            throw RenderError("expected one of the brands \(known), found \(order.brand)", code: .unknownBrand)
        }
        let locale = EmailLocale.chosen(for: order.locale, among: brand.locales.keys, fallback: brand.fallback.locale)
        return try await (brand.locales[locale] ?? brand.fallback.renderer).render(order)
    }
}
