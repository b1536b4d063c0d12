/// One setting: how it is called in a settings file and in the environment, and what it is for.
struct Setting: Sendable {
    /// The key in a settings file below `waybill`, in camel case.
    let key: String
    let fallback: String?
    let help: String

    /// The name in the environment: `WAYBILL_` and the key in capitals.
    var variable: String {
        let words = key.reduce(into: "") { name, character in
            if character.isUppercase { name.append("_") }
            name.append(character.uppercased())
        }
        return "WAYBILL_\(words)"
    }
}

extension Setting {
    static let postgres = Setting(
        key: "postgres",
        fallback: nil,
        help: "libpq connection string of the coordination database; TLS as it says (sslmode, sslrootcert)"
    )
    static let postgresConnections = Setting(
        key: "postgresConnections",
        fallback: "6",
        help: "connections this process holds at most"
    )
    static let environment = Setting(
        key: "environment",
        fallback: "local",
        help: "suffix of every AWS name (order-confirmations-ENV), 1 to 20 of a-z, 0-9 and -"
    )
    static let from = Setting(
        key: "from",
        fallback: "Shop <orders@example.com>",
        help: "sender of the default brand's emails; its domain is a verified SES identity"
    )
    static let replyTo = Setting(
        key: "replyTo",
        fallback: "",
        help: "Reply-To of the default brand's emails; empty for none"
    )
    static let templates = Setting(
        key: "templates",
        fallback: "ops/templates/order-confirmation",
        help: "folder with the default brand's subject, HTML and text templates"
    )
    static let brands = Setting(
        key: "brands",
        fallback: "",
        help: """
            JSON file with an entry a brand: from, replyTo, templates (a folder a language, en or de), defaultLocale, \
            timeZone; the same for every worker; an entry "default" adds languages; example: ops/templates/brands.json
            """
    )
    static let migrations = Setting(key: "migrations", fallback: "migrations", help: "folder with NNNN_name.sql")
    static let roles = Setting(
        key: "roles",
        fallback: WorkerRole.fallback,
        help: WorkerRole.help
    )
    static let concurrency = Setting(key: "concurrency", fallback: "32", help: "deliveries in hand at once")
    static let sendRate = Setting(
        key: "sendRate",
        fallback: "",
        help: "emails a second that the whole cluster sends at most; empty: SES's rate x 0.95, which is never exceeded"
    )
    static let sendBurst = Setting(key: "sendBurst", fallback: "1", help: "emails that may go at once after a pause")
    static let inDoubt = Setting(
        key: "inDoubt",
        fallback: "hold",
        help: """
            what becomes of an email of unknown outcome when its time is over: hold (UNCONFIRMED, an operator decides) or \
            resend (a new attempt once the feed of events is proven alive and drained)
            """
    )
    static let feedDrainSeconds = Setting(
        key: "feedDrainSeconds",
        fallback: "60",
        help: "resend: so long must the feed be seen empty; below 60 only with loopback endpoints"
    )
    static let feedPatienceSeconds = Setting(
        key: "feedPatienceSeconds",
        fallback: "900",
        help: "resend: how long that proof is waited for; then UNCONFIRMED"
    )
    static let staleAfterSeconds = Setting(
        key: "staleAfterSeconds",
        fallback: "0",
        help: "an order that waited longer is stale; 0 for never"
    )
    static let staleOrders = Setting(
        key: "staleOrders",
        fallback: "hold",
        help: "what becomes of a stale order: hold (until admin.release or admin.cancel) or send"
    )
    static let dryRun = Setting(
        key: "dryRun",
        fallback: "false",
        help: "true: nothing goes to SES, every order ends SUPPRESSED; refused in production"
    )
    static let redirectAllTo = Setting(
        key: "redirectAllTo",
        fallback: "",
        help: "one address that gets every email instead of its customer; refused in production"
    )
    static let recipientAllowList = Setting(
        key: "recipientAllowList",
        fallback: "",
        help: """
            the only recipients, as ann@example.com or @example.com, separated by commas; other orders end SUPPRESSED; \
            refused in production: an environment with prod, production or live in its name, alone or between hyphens
            """
    )
    static let deliveryStatus = Setting(
        key: "deliveryStatus",
        fallback: "off",
        help: "on: what becomes of deliveries is published to the SNS topic delivery-status-ENV; run setup afterwards"
    )
    static let costs = Setting(
        key: "costs",
        fallback: "on",
        help: "on: the leader prices what the cluster uses, forecasts the month and raises alerts; see `waybill cost`"
    )
    static let prices = Setting(
        key: "prices",
        fallback: "ops/prices",
        help: "folder with the price books, REGION.DAY.json"
    )
    static let sesPlan = Setting(
        key: "sesPlan",
        fallback: "account",
        help: "SES's price plan: account (as SES's GetAccount says), a-la-carte, essentials, pro or enterprise"
    )
    static let freeTier = Setting(
        key: "freeTier",
        fallback: "whole",
        help: "whole: what AWS gives away each month is this cluster's; elsewhere: others of the account use it up"
    )
    static let budgetDollars = Setting(
        key: "budgetDollars",
        fallback: "",
        help: """
            a month's budget: alerts at 50, 80 and 100 % of it and when the forecast exceeds it, to the SNS topic \
            cost-alerts-ENV; empty for none
            """
    )
    static let costSchedule = Setting(
        key: "costSchedule",
        fallback: "",
        help: """
            what runs by the hour and no worker can tell, as meter=how many, separated by commas: \
            rds.t4g-small-hours=2,rds.storage-gigabyte-hours=40,cloudwatch.alarm-hours=20,kms.key-hours=1; of kms.requests \
            and network.nat-bytes an hour's; \
            ses.plan-hours=1 and, with WAYBILL_METRICS on, all its metrics are added unless they are named here
            """
    )
    static let minWorkers = Setting(
        key: "minWorkers",
        fallback: "1",
        help: "so many workers are wanted at least; 0: none when nothing is to be done"
    )
    static let maxWorkers = Setting(key: "maxWorkers", fallback: "20", help: "so many workers are wanted at most")
    static let historyDays = Setting(
        key: "historyDays",
        fallback: "35",
        help: "how long PostgreSQL keeps finished jobs: admin.retry needs them"
    )
    static let signatureValiditySeconds = Setting(
        key: "signatureValiditySeconds",
        fallback: "960",
        help: "V: SES refuses a request this long after it was signed; below 360 only with loopback endpoints"
    )
    static let feedGraceSeconds = Setting(
        key: "feedGraceSeconds",
        fallback: "900",
        help: "G: how long SES may take to publish a Send event; below 60 only with loopback endpoints"
    )
    static let retentionDays = Setting(
        key: "retentionDays",
        fallback: "400",
        help: "how long DynamoDB keeps a record, at least 90: it bounds deduplication"
    )
    static let leaseSeconds = Setting(key: "leaseSeconds", fallback: "10", help: "a worker's lease, 3 to 60")
    static let sweepSeconds = Setting(
        key: "sweepSeconds",
        fallback: "5",
        help: "how often the leader looks at jobs in doubt"
    )
    static let httpHost = Setting(key: "httpHost", fallback: "127.0.0.1", help: "where /livez and /readyz answer")
    static let httpPort = Setting(
        key: "httpPort",
        fallback: "8080",
        help: "port of /livez, /readyz and /metrics; 0 for none"
    )
    static let logLevel = Setting(
        key: "logLevel",
        fallback: "info",
        help: "trace, debug, info, notice, warning, error or critical"
    )
    static let logFormat = Setting(
        key: "logFormat",
        fallback: "auto",
        help: "json, text, or auto: text when stdout is a terminal"
    )
    static let logDestination = Setting(
        key: "logDestination",
        fallback: "elsewhere",
        help: "cloudwatch: the platform takes stdout to CloudWatch Logs, so its bytes are metered; or elsewhere"
    )
    static let metrics = Setting(
        key: "metrics",
        fallback: "off",
        help: "cloudwatch: each worker puts its counts there, one request a minute (docs/metrics.md); or off"
    )
    static let workerCPU = Setting(
        key: "workerCpu",
        fallback: "",
        help: "vCPU of this worker's Fargate task, as 0.5: meters its hours; empty, as the memory: not metered"
    )
    static let workerMemoryGB = Setting(
        key: "workerMemoryGb",
        fallback: "",
        help: "gigabytes of this worker's Fargate task, as 1"
    )

    static let all: [Setting] = [
        postgres, postgresConnections, environment, from, replyTo, templates, brands, migrations, roles,
        concurrency, sendRate, sendBurst, inDoubt, signatureValiditySeconds, feedGraceSeconds, feedDrainSeconds,
        feedPatienceSeconds, staleAfterSeconds, staleOrders, deliveryStatus, costs, prices, sesPlan,
        freeTier, budgetDollars, costSchedule, dryRun, redirectAllTo,
        recipientAllowList, minWorkers, maxWorkers, historyDays, retentionDays, leaseSeconds, sweepSeconds,
        httpHost, httpPort, logLevel, logFormat, logDestination, metrics, workerCPU, workerMemoryGB,
    ]

    /// For `--help`: every setting, its default and what it is for.
    static var listing: String {
        let rows = all.map { setting in
            let fallback = setting.fallback.map { $0.isEmpty ? "default: empty" : "default: \($0)" } ?? "required"
            return "  \(setting.variable)\n      \(setting.help) (\(fallback))"
        }
        return rows.joined(separator: "\n")
    }
}
