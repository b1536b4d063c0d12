import WaybillCore

/// Offer files for tests. ``recorded`` has the members of a file of AmazonSES of 2026-07-22 as it was quoted; everything that
/// ``file(_:_:)`` makes is **constructed** in that shape, with usage types, units, ranges and prices from catalogues of
/// us-east-1 that third parties recorded in September and October 2026. No file was loaded from AWS for these tests.
enum OfferTexts {
    static let recorded = """
        {"formatVersion":"v1.0","offerCode":"AmazonSES","version":"20260722172054","publicationDate":"2026-07-22T17:20:54Z",
         "products":{"SKU1":{"sku":"SKU1","productFamily":"Sending Email","attributes":{"servicecode":"AmazonSES",
          "location":"US East (N. Virginia)","regionCode":"us-east-1","usagetype":"USE1-Essentials-Outbound-Email",
          "operation":"Send"}}},
         "terms":{"OnDemand":{"SKU1":{"SKU1.JRTCKXETXF":{"offerTermCode":"JRTCKXETXF","sku":"SKU1",
          "effectiveDate":"2026-07-21T00:00:00Z","termAttributes":{},"priceDimensions":{"SKU1.JRTCKXETXF.6YS6EN2CT7":{
           "rateCode":"SKU1.JRTCKXETXF.6YS6EN2CT7","description":"Essentials","beginRange":"0","endRange":"10000000",
           "unit":"Emails","pricePerUnit":{"USD":"0.0001600000"},"appliesTo":[]}}}}}}}
        """

    struct Tier {
        let begin: String
        let end: String
        let dollars: String
    }

    struct Product {
        let usageType: String
        let unit: String
        let tiers: [Tier]
        var attributes: [JSON.Member] = [JSON.Member("regionCode", "us-east-1")]

        init(
            _ usageType: String,
            _ unit: String,
            _ tiers: [(String, String, String)],
            _ attributes: [String: String] = [:]
        ) {
            self.usageType = usageType
            self.unit = unit
            self.tiers = tiers.map { Tier(begin: $0.0, end: $0.1, dollars: $0.2) }
            let region = ["regionCode": "us-east-1"].merging(attributes) { $1 }
            self.attributes = region.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
        }
    }

    /// The products' SKUs are `SKU0`, `SKU1`, and so on.
    static func file(_ service: BilledService, _ products: [Product]) -> JSON {
        let numbered = products.enumerated().map { (sku: "SKU\($0.offset)", product: $0.element) }
        return [
            "formatVersion": "v1.0", "offerCode": .string(service.offerCode ?? ""), "version": "20261101120000",
            "publicationDate": "2026-11-01T12:00:00Z",
            "products": .object(
                numbered.map { sku, product in
                    let usageType = JSON.Member("usagetype", .string(product.usageType))
                    return JSON.Member(
                        sku,
                        ["sku": .string(sku), "attributes": .object(product.attributes + [usageType])]
                    )
                }
            ),
            "terms": ["OnDemand": .object(numbered.map { JSON.Member($0.sku, terms($0.sku, $0.product)) })],
        ]
    }

    private static func terms(_ sku: String, _ product: Product) -> JSON {
        let dimensions = product.tiers.enumerated().map { index, tier in
            JSON.Member(
                "\(sku).JRTCKXETXF.\(index)",
                [
                    "beginRange": .string(tier.begin), "endRange": .string(tier.end), "unit": .string(product.unit),
                    "pricePerUnit": ["USD": .string(tier.dollars)],
                ]
            )
        }
        return .object([JSON.Member("\(sku).JRTCKXETXF", ["priceDimensions": .object(dimensions)])])
    }

    static let dynamoDB: [Product] = [
        Product("WriteRequestUnits", "WriteRequestUnits", [("0", "Inf", "0.0000006250")]),
        Product("ReadRequestUnits", "ReadRequestUnits", [("0", "Inf", "0.0000001250")]),
        Product("ReplWriteRequestUnits", "ReplicatedWriteRequestUnits", [("0", "Inf", "0.0000006250")]),
        Product("IA-WriteRequestUnits", "WriteRequestUnits", [("0", "Inf", "0.0000007800")]),
        Product("IA-ReadRequestUnits", "ReadRequestUnits", [("0", "Inf", "0.0000001550")]),
        Product("TimedStorage-ByteHrs", "GB-Mo", [("25", "Inf", "0.2500000000"), ("0", "25", "0.0000000000")]),
        Product("USE1-TimedStorage-ByteHrs", "GB-Mo", [("0", "Inf", "0.2500000000")]),
        Product("IA-TimedStorage-ByteHrs", "GB-Mo", [("0", "Inf", "0.1000000000")]),
        Product("USE1-TimedPITRStorage-ByteHrs", "GB-Mo", [("0", "Inf", "0.2000000000")]),
        Product("WriteCapacityUnit-Hrs", "WriteCapacityUnit-Hrs", [("0", "18600", "0"), ("18600", "Inf", "0.00065")]),
        Product("ReadCapacityUnit-Hrs", "ReadCapacityUnit-Hrs", [("0", "18600", "0"), ("18600", "Inf", "0.00013")]),
    ]

    static let sqs: [Product] = [
        Product(
            "Requests-RBP",
            "Requests",
            [
                ("0", "100000000000", "0.0000004"), ("100000000000", "200000000000", "0.0000003"),
                ("200000000000", "Inf", "0.00000024"),
            ],
            ["queueType": "Standard"]
        ),
        Product(
            "Requests-FIFO-RBP",
            "Requests",
            [("0", "Inf", "0.0000005")],
            ["queueType": "FIFO (first-in, first-out)"]
        ),
        Product("Requests-Fair-RBP", "Requests", [("0", "Inf", "0.0000001")], ["queueType": "Fair"]),
    ]

    static let sns: [Product] = [
        Product("Requests-Tier1", "Requests", [("0", "1000000", "0"), ("1000000", "Inf", "0.0000005")]),
        Product("DeliveryAttempts-SQS", "Notifications", [("0", "Inf", "0")]),
        Product("DeliveryAttempts-HTTP", "Notifications", [("0", "100000", "0"), ("100000", "Inf", "0.0000006")]),
    ]

    static let cloudWatch: [Product] = [
        Product("CW:MetricMonitorUsage", "Metrics", [("0", "10000", "0.30"), ("10000", "Inf", "0.10")]),
        Product("CW:AlarmMonitorUsage", "Alarms", [("0", "Inf", "0.10")]),
        Product("CW:HighResAlarmMonitorUsage", "Alarms", [("0", "Inf", "0.30")]),
        Product("CW:Requests", "Requests", [("0", "Inf", "0.00001")]),
        Product("DashboardsUsageHour", "Dashboards", [("0", "Inf", "3.00")], ["regionCode": ""]),
        Product("DataProcessing-Bytes", "GB", [("0", "Inf", "0.50")]),
        Product("TimedStorage-ByteHrs", "GB-Mo", [("0", "Inf", "0.03")]),
    ]

    static let kms: [Product] = [
        Product("us-east-1-KMS-Keys", "Keys", [("0", "Inf", "1.00")]),
        Product("us-east-1-KMS-Requests", "Requests", [("0", "Inf", "0.000003")]),
        Product("us-east-1-KMS-Requests-Asymmetric", "Requests", [("0", "Inf", "0.000015")]),
    ]

    static let ecs: [Product] = [
        Product("USE1-Fargate-vCPU-Hours:perCPU", "hours", [("0", "Inf", "0.04048")]),
        Product("USE1-Fargate-GB-Hours", "hours", [("0", "Inf", "0.004445")]),
        Product("USE1-Fargate-ARM-vCPU-Hours:perCPU", "hours", [("0", "Inf", "0.03238")]),
        Product("USE1-Fargate-ARM-GB-Hours", "hours", [("0", "Inf", "0.00356")]),
        Product("USE1-Fargate-Windows-vCPU-Hours:perCPU", "hours", [("0", "Inf", "0.09104")]),
    ]

    static let rds: [Product] = [
        instance("micro", "0.016"), instance("small", "0.032"), instance("medium", "0.065"),
        instance("micro", "0.017", engine: "Oracle"), instance("micro", "0.032", zones: "Multi-AZ"),
        Product(
            "USE1-RDS:GP3-Storage",
            "GB-Mo",
            [("0", "Inf", "0.115")],
            ["databaseEngine": "PostgreSQL", "deploymentOption": "Single-AZ"]
        ),
        Product(
            "USE1-RDS:GP3-Storage",
            "GB-Mo",
            [("0", "Inf", "0.345")],
            ["databaseEngine": "PostgreSQL", "deploymentOption": "Multi-AZ (readable standbys)"]
        ),
        Product("RDS:ChargedBackupUsage", "GB-Mo", [("0", "Inf", "0.095")], ["databaseEngine": "MySQL"]),
        Product("RDS:ChargedBackupUsage", "GB-Mo", [("0", "Inf", "0.095")], ["databaseEngine": "Oracle"]),
    ]

    private static func instance(
        _ size: String,
        _ dollars: String,
        engine: String = "PostgreSQL",
        zones: String = "Single-AZ"
    ) -> Product {
        let usage = zones == "Single-AZ" ? "InstanceUsage" : "Multi-AZUsage"
        let attributes = ["databaseEngine": engine, "deploymentOption": zones]
        return Product("\(usage):db.t4g.\(size)", "Hrs", [("0", "Inf", dollars)], attributes)
    }
}
