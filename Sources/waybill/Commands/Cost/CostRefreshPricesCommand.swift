import ArgumentParser
import Foundation
import WaybillCore
import WaybillHTTP
import WaybillPorts
import WaybillReactor

struct CostRefreshPricesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh-prices",
        abstract: "Write a price book of today from AWS's public offer files.",
        discussion: """
            Loads the offer files of \(BilledService.offered.compactMap(\.offerCode).joined(separator: ", "))
            for a region from \(OfferFile.host), without credentials, and writes
            FOLDER/REGION.DAY.json. Prices that no file has are kept from the newest book
            of the region, with their own day and evidence. Workers read it when they start.

            EXAMPLES
              waybill cost refresh-prices --region eu-west-1
              waybill cost refresh-prices --region eu-west-1 --from downloads
                  reads downloads/AmazonSES.json and so on, and asks nobody
            """
    )

    @Option(help: "The region.")
    var region = "us-east-1"

    @Option(help: ArgumentHelp("The folder with the price books.", valueName: "folder"))
    var into = "ops/prices"

    @Option(help: ArgumentHelp("A folder with offer files, CODE.json, instead of AWS's.", valueName: "folder"))
    var from: String?

    @Flag(name: .customLong("dry-run"), help: "Say what would change, and write nothing.")
    var isDryRun = false

    func run() async throws {
        let console = Console.system
        let today = BillingDay(SystemClock.wallNow())
        let books = try CostChoices(prices: into, freeTier: .whole, schedule: [:]).books()
        let older = books.regions.contains(region) ? try books.book(region: region, on: today) : nil
        let files = try await offerFiles()
        let refresh = PriceRefresh(region: region, asOf: today, older: older, files: files)
        console.show(PriceRefreshText(refresh: refresh).lines(console.palette))
        let file = URL(filePath: into).appending(path: refresh.book.fileName)
        guard !isDryRun else { return }
        try Data(refresh.book.fileText.utf8).write(to: file, options: .atomic)
        print("wrote \(file.path(percentEncoded: false))")
    }

    private func offerFiles() async throws -> [OfferFile] {
        if let from {
            let folder = URL(filePath: from)
            return try BilledService.offered.compactMap { service in
                let file = folder.appending(path: "\(service.offerCode ?? "").json")
                guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else { return nil }
                return try OfferFile(json: try Self.parse(try Data(contentsOf: file)), service: service, region: region)
            }
        }
        let reactor = try Reactor()
        let transport = HTTPEngine(reactor: reactor)
        do {
            var files: [OfferFile] = []
            for service in BilledService.offered { files.append(try await load(service, transport)) }
            await transport.shutdown()
            return files
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// RDS's has tens of megabytes.
    private static let loadTimeout = Duration.seconds(120)

    private func load(_ service: BilledService, _ transport: HTTPEngine) async throws -> OfferFile {
        let url = "https://\(OfferFile.host)\(OfferFile.path(service, region: region) ?? "")"
        let answer = try await transport.execute(
            HTTPRequest(
                method: "GET",
                url: url,
                totalTimeout: Self.loadTimeout,
                maxResponseBytes: OfferFile.limits.bytes,
                repeatable: true
            )
        )
        guard answer.status == 200 else { throw CommandFailure(.failed, "\(url) answered \(answer.status).") }
        return try OfferFile(json: try Self.parse(answer.body), service: service, region: region)
    }

    private static func parse(_ bytes: some Sequence<UInt8>) throws -> JSON {
        try JSON.parse(Array(bytes), limits: OfferFile.limits)
    }
}

struct PriceRefreshText {
    let refresh: PriceRefresh

    func lines(_ palette: Palette) -> [String] {
        var table = TextTable([.init("METER"), .init("PLAN"), .init("BEFORE"), .init("NOW")])
        for change in refresh.changes {
            table.append([
                .init(change.now.meter.rawValue), change.now.plan.map { .init($0.rawValue) } ?? TextTable.absent,
                change.before.map { .init(Self.tiers($0)) } ?? TextTable.absent, .init(Self.tiers(change.now)),
            ])
        }
        let changes = refresh.changes.isEmpty ? ["No price has changed."] : table.lines(palette)
        var list = FieldList()
        list.append("kept", "\(refresh.kept.count) prices that no file has, from the book before")
        let missing = refresh.missing.map { "\($0.meter.rawValue)\($0.plan.map { " (\($0.rawValue))" } ?? "")" }
        list.append("no price", missing.isEmpty ? nil : missing.joined(separator: ", "), .warning)
        return changes + [""] + list.lines(palette)
    }

    private static func tiers(_ rate: Rate) -> String {
        rate.tiers.map { "$\($0.price.dollars)" }.joined(separator: ", ")
    }
}
