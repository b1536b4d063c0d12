import Foundation
import Testing

extension EndToEnd {
    /// WAYBILL_BRANDS: one cluster writes in the name of several shops.
    @Suite(.serialized)
    struct Brands {
        private static let shop = "Shop <shop@shop.example>"

        @Test
        func anOrdersBrandAndLocaleChooseSenderReplyToAndLanguage() async throws {
            let file = Checkout.folder.appendingPathComponent("ops/templates/brands.json").path
            let settings = TestCluster.Settings(variables: ["WAYBILL_BRANDS": file, "WAYBILL_FROM": Self.shop])
            try await withCluster(settings) { cluster in
                let ours = SampleOrder("ours")
                let german = SampleOrder("theirs-de").with { ($0.brand, $0.locale) = ("papeterie", "de-DE") }
                let english = SampleOrder("theirs-en").with { ($0.brand, $0.locale) = ("papeterie", "en-GB") }
                let orders = [ours, german, english]
                try await cluster.startReadyWorkers(1)
                try await cluster.publish(lines: try orders.map { try $0.json() })
                try await cluster.verdict(of: orders.map(\.id), within: .seconds(30))

                let email = try await Self.emails(cluster)
                try #require(email.count == orders.count)
                let first = try #require(email[ours.email])
                try #require(first.request.fromEmailAddress == Self.shop)
                try #require(first.request.replyToAddresses == nil)
                try #require(first.subject == "Your order ours is confirmed")
                try await Self.checkPapeterie(
                    try #require(email[german.email]),
                    subject: ": Ihre Bestellung theirs-de",
                    amount: "21,00\u{A0}€",
                    cluster
                )
                try await Self.checkPapeterie(
                    try #require(email[english.email]),
                    subject: ": your order theirs-en",
                    amount: "€21.00",
                    cluster
                )
            }
        }

        /// What SES accepted, by recipient.
        private static func emails(_ cluster: TestCluster) async throws -> [String: AcceptedEmail] {
            let emails = try await cluster.control.emails().map { ($0.recipient, $0) }
            return Dictionary(emails) { $1 }
        }

        private static func checkPapeterie(
            _ email: AcceptedEmail,
            subject: String,
            amount: String,
            _ cluster: TestCluster
        ) async throws {
            let from = try await readable(email.request.fromEmailAddress, cluster)
            try #require(from == "Papeterie Zoë <bestellung@papeterie.example.com>")
            try #require(email.request.replyToAddresses == ["hilfe@papeterie.example.com"])
            try #require(email.subject.hasSuffix(subject), "\(email.subject)")
            try #require(email.text.contains(amount), "\(email.text)")
        }

        /// The header as a mail program shows it, by Python's decoder.
        private static func readable(_ header: String, _ cluster: TestCluster) async throws -> String {
            let script = "import email.header as h, sys; print(h.make_header(h.decode_header(sys.argv[1])))"
            let environment = ["PYTHONIOENCODING": "utf-8"]
            let result = try await cluster.commands.require(
                Checkout.python,
                ["-c", script, header],
                environment: environment
            )
            return result.text.trimmingCharacters(in: .newlines)
        }
    }
}
