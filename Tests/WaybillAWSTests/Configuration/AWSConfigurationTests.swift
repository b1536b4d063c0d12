import Testing
import WaybillAWS

@Suite struct AWSConfigurationTests {
    private static let config = """
        # shared
        [default]
        region = eu-west-1

        [profile shop] ; the shop's account
        region=eu-central-1 # Frankfurt
        endpoint_url = http://127.0.0.1:4566
        services = local
        s3 =
            addressing_style = path

        [services local]
        dynamodb =
          endpoint_url = http://127.0.0.1:8000/db/
        """

    @Test func theRegionComesFromTheFirstPlaceThatNamesIt() throws {
        let files = ["/home/me/.aws/config": Self.config]
        let rows: [([String: String], String?, String)] = [
            (["AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2"], "sa-east-1", "sa-east-1"),
            (["AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2"], nil, "us-east-1"),
            (["AWS_DEFAULT_REGION": "us-east-2"], nil, "us-east-2"),
            (["AWS_REGION": ""], nil, "eu-west-1"),
            (["AWS_PROFILE": "shop"], nil, "eu-central-1"),
        ]
        for (variables, override, expected) in rows {
            let all = variables.merging(["HOME": "/home/me"]) { first, _ in first }
            let found = try AWSConfiguration(AWSFixture.surroundings(all, files: files), region: override)
            #expect(found.region == expected)
        }
    }

    @Test func aMissingRegionNamesWhatWasLookedFor() throws {
        let error = #expect(throws: AWSError.self) {
            try AWSConfiguration(AWSFixture.surroundings(["HOME": "/home/me", "AWS_PROFILE": "shop"]))
        }
        let message = try #require(error?.message)
        for part in ["AWS_REGION", "AWS_DEFAULT_REGION", "profile shop", "/home/me/.aws/config"] {
            #expect(message.contains(part))
        }
        #expect(error?.code == .configuration)
    }

    @Test func aRegionThatWouldNotFitIntoAHostNameIsRefused() {
        #expect(throws: AWSError.self) {
            try AWSConfiguration(AWSFixture.surroundings(["AWS_REGION": "evil.example.com/"]))
        }
    }

    @Test func endpointsComeFromVariablesThenTheProfile() throws {
        let variables = [
            "HOME": "/h", "AWS_PROFILE": "shop", "AWS_ENDPOINT_URL_SESV2": "http://localhost:1",
        ]
        let files = ["/h/.aws/config": Self.config]
        let found = try AWSConfiguration(AWSFixture.surroundings(variables, files: files))
        #expect(found.endpoint(.ses).description == "http://localhost:1")
        #expect(found.endpoint(.dynamodb).description == "http://127.0.0.1:8000/db")
        #expect(found.endpoint(.sqs).description == "http://127.0.0.1:4566")
        #expect(found.isLoopback(AWSService.allCases))

        let general = variables.merging(["AWS_ENDPOINT_URL": "http://127.0.0.1:9"]) { first, _ in first }
        let overridden = try AWSConfiguration(AWSFixture.surroundings(general, files: files))
        #expect(overridden.endpoint(.dynamodb).description == "http://127.0.0.1:9")
        #expect(overridden.endpoint(.ses).description == "http://localhost:1")

        let ignored = variables.merging(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"]) { first, _ in first }
        let standard = try AWSConfiguration(AWSFixture.surroundings(ignored, files: files))
        #expect(standard.endpoint(.ses).description == "https://email.eu-central-1.amazonaws.com")
        #expect(!standard.isLoopback([.ses]))
    }

    @Test(arguments: [
        ("us-east-1", AWSService.ses, "https://email.us-east-1.amazonaws.com"),
        ("us-gov-west-1", .dynamodb, "https://dynamodb.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", .sqs, "https://sqs.cn-north-1.amazonaws.com.cn"),
        ("eu-west-1", .sns, "https://sns.eu-west-1.amazonaws.com"),
        ("eu-west-1", .cloudwatch, "https://monitoring.eu-west-1.amazonaws.com"),
        ("eu-west-1", .sts, "https://sts.eu-west-1.amazonaws.com"),
    ])
    func aServiceHasItsStandardHost(_ region: String, _ service: AWSService, _ url: String) {
        #expect(AWSConfiguration(region: region).endpoint(service).description == url)
    }

    @Test(arguments: [
        ("http://LOCALHOST:4566/", "http://localhost:4566", true), ("https://[::1]:8443", "https://[::1]:8443", true),
        ("https://127.8.0.1", "https://127.8.0.1", true), ("https://127.0.0.1.example.com", nil, false),
        ("https://example.com:443/a/b/", "https://example.com/a/b", false), ("http://aws.localhost", nil, true),
    ])
    func anEndpointIsReadAndKnowsWhetherItIsLocal(_ url: String, _ description: String?, _ isLoopback: Bool) throws {
        let endpoint = try #require(AWSEndpoint(url))
        #expect(endpoint.description == description ?? url)
        #expect(endpoint.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", "localhost:4566", "ftp://localhost", "http://", "http://host:0", "http://host:70000", "http://host:x",
        "http://a@b", "http://host/?x=1", "http://[::1", "http://ho st",
    ])
    func whatIsNoURLOfAHostIsNoEndpoint(_ url: String) {
        #expect(AWSEndpoint(url) == nil)
        #expect(throws: AWSError.self) {
            try AWSConfiguration(AWSFixture.surroundings(["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": url + " "]))
        }
    }

    @Test func aSettingThatIsNotSupportedIsNotIgnored() {
        let error = #expect(throws: AWSError.self) {
            try AWSConfiguration(
                AWSFixture.surroundings(["AWS_REGION": "us-east-1", "AWS_USE_FIPS_ENDPOINT": "true"])
            )
        }
        #expect(error?.message.contains("AWS_USE_FIPS_ENDPOINT") == true)
    }

    @Test(arguments: [("[default\nregion = x", "line 1"), ("region = x", "line 1"), ("[default]\nregion", "line 2")])
    func aBrokenFileIsNamedWithItsLine(_ text: String, _ line: String) {
        let error = #expect(throws: AWSError.self) {
            try AWSConfiguration(
                AWSFixture.surroundings(["AWS_CONFIG_FILE": "/etc/aws"], files: ["/etc/aws": text])
            )
        }
        #expect(error?.message.hasPrefix("/etc/aws, \(line)") == true)
    }
}
