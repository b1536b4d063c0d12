import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

/// The endpoints beside a container and an instance, as far as a script can play them.
@Suite struct MetadataCredentialsTests {
    private static let files = ["/token": "Bearer from-file", "/lines": "Bearer a\r\nX-Evil: 1", "/none": ""]
    private static let expiry = Timestamp(rfc3339: "2023-11-14T23:13:20Z")
    private static let found = FoundCredentials(
        AWSCredentials(accessKeyID: "ASIA", secretAccessKey: "private", sessionToken: "token"),
        expiresAt: expiry
    )
    private static let whole = Result<HTTPResponse, HTTPError>.answer(200, CredentialAnswers.json())

    private func fixture(
        _ variables: [String: String],
        _ answers: Result<HTTPResponse, HTTPError>...
    ) -> AWSFixture {
        AWSFixture(answers, surroundings: AWSFixture.surroundings(variables, files: Self.files))
    }

    private func find(_ fixture: AWSFixture) async throws(AWSError) -> FoundCredentials {
        try await AWSCredentialsChain(context: fixture.context).find()
    }

    private func failure(_ fixture: AWSFixture) async -> String {
        let error = await #expect(throws: AWSError.self) { try await find(fixture) }
        #expect(error?.code == .credentials)
        #expect(error?.message.contains("private") == false)
        return error?.message ?? ""
    }

    // MARK: - Containers

    @Test func aRelativeAddressIsTheAgentsAndGoesFirst() async throws {
        let fixture = fixture(
            [
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x?y=1",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/other",
            ],
            Self.whole
        )
        #expect(try await find(fixture) == Self.found)
        let request = try #require(fixture.transport.requests.first)
        #expect(request.method == "GET")
        #expect(request.url == "http://169.254.170.2/v2/credentials/x?y=1")
        #expect(request.totalTimeout == .seconds(2))
        #expect(request.header("Authorization") == nil)
    }

    @Test(arguments: [
        "https://anywhere.example/x", "http://localhost:80/x", "http://127.0.0.9/x?y=%20", "http://[::1]:8080/x",
        "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials", "http://[FD00:EC2::23]/v1/credentials",
    ])
    func aFullAddressMayBeTheMachinesOwnOrSecure(_ url: String) async throws {
        let fixture = fixture(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url], Self.whole)
        #expect(try await find(fixture) == Self.found)
        #expect(fixture.transport.requests.map(\.url) == [url])
    }

    @Test(arguments: [
        "http://anywhere.example/x", "http://169.254.169.254/x", "http://127.0.0.1.evil.example/x",
        "http://localhost.evil.example/x", "http://localhost@evil.example/x", "http://evil.example?@localhost/",
        "http://127.0.0.1\\@evil.example/", "ftp://localhost/x", "localhost/x", "http://local host/", "http:///x",
        "http://localhost/x\r\nX-Evil: 1", "http://[fd00:ec2::24]/x",
    ])
    func noTokenGoesElsewhereInTheClear(_ url: String) async {
        let message = await failure(
            fixture(
                ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "private"],
                Self.whole
            )
        )
        #expect(message.contains("container: AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    }

    @Test(arguments: ["v2/x", "@evil.example/", "/x y", "/x\r\n"])
    func aRelativeAddressMustBeAPath(_ path: String) async {
        let fixture = fixture(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": path], Self.whole)
        #expect(await failure(fixture).contains("must be a path that begins with /"))
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test func theTokensFileGoesBeforeTheVariable() async throws {
        let variables = [
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/x",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer from-variable",
        ]
        let first = fixture(variables, Self.whole)
        _ = try await find(first)
        #expect(first.transport.requests[0].header("Authorization") == "Bearer from-variable")
        let file = ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token"]
        let second = fixture(variables.merging(file) { _, second in second }, Self.whole)
        _ = try await find(second)
        #expect(second.transport.requests[0].header("Authorization") == "Bearer from-file")
    }

    @Test(arguments: [
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "private\nX-Evil: 1", "AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "private\rX-Evil: 1", "AWS_CONTAINER_AUTHORIZATION_TOKEN holds a line"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/lines", "/lines holds a line break"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/gone", "/gone is not there"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/none", "/none is empty"),
    ])
    func aTokenThatIsNoHeaderIsRefused(variable: String, value: String, message: String) async {
        let variables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/x", variable: value]
        let fixture = fixture(variables, Self.whole)
        let text = await failure(fixture)
        #expect(text.contains(message), "\(text)")
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test func aContainersEndpointIsTriedThreeTimes() async throws {
        let variables = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"]
        let busy = Result<HTTPResponse, HTTPError>.answer(503, "busy")
        let third = fixture(variables, busy, .lost(.timeout, .maybeSent), Self.whole)
        #expect(try await find(third) == Self.found)
        #expect(third.environment.sleeps == [.seconds(1), .seconds(1)])
        let lost = Result<HTTPResponse, HTTPError>.lost(.timeout, .maybeSent)
        let never = fixture(variables, lost, lost, lost, Self.whole)
        #expect(
            await failure(never).contains("container endpoint http://169.254.170.2/x: scripted (timeout, tries: 3)")
        )
        let refused = fixture(variables, .answer(403, "private"), Self.whole)
        #expect(await failure(refused).contains("http://169.254.170.2/x: HTTP 403"))
        #expect(refused.transport.requests.count == 1)
    }

    @Test(arguments: [
        ("AccessKeyId", "the answer has no AccessKeyId"), ("SecretAccessKey", "the answer has no SecretAccessKey"),
        ("2023-11-14T23:13:20Z", "Expiration must be a time as in RFC 3339"), ("Success", "Code must be Success"),
        ("\"Code\"", "the answer is no JSON, at byte"),
    ])
    func anAnswerThatCannotBeUsedSaysWhy(part: String, message: String) async {
        let answer = CredentialAnswers.json().replacing(part, with: "Other")
        let text = await failure(
            fixture(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"], .answer(200, answer))
        )
        #expect(text.contains(message), "\(text)")
    }

    // MARK: - Instances

    @Test func anInstanceIsAskedForATokenThenItsRoleThenTheCredentials() async throws {
        let fixture = fixture([:], .answer(200, "session"), .answer(200, "shop-role\n"), Self.whole)
        #expect(try await find(fixture) == Self.found)
        let path = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
        let requests = fixture.transport.requests
        #expect(requests.map(\.method) == ["PUT", "GET", "GET"])
        #expect(requests.map(\.url) == ["http://169.254.169.254/latest/api/token", path, path + "shop-role"])
        #expect(requests[0].header("x-aws-ec2-metadata-token-ttl-seconds") == "21600")
        #expect(requests.map { $0.header("x-aws-ec2-metadata-token") } == [nil, "session", "session"])
        #expect(requests.allSatisfy { $0.totalTimeout == .seconds(1) && $0.header("Authorization") == nil })
    }

    @Test(arguments: [
        (["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"], "http://[fd00:ec2::254]"),
        (["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://localhost:1338/"], "http://localhost:1338"),
    ])
    func theAddressOfTheMetadataIsASetting(variables: [String: String], base: String) async throws {
        let fixture = fixture(variables, .answer(200, "session"), .answer(200, "r"), Self.whole)
        #expect(try await find(fixture) == Self.found)
        #expect(fixture.transport.requests[0].url == base + "/latest/api/token")
    }

    @Test func aMachineThatIsNoInstanceHasNothing() async {
        let lost = Result<HTTPResponse, HTTPError>.lost(.timeout, .maybeSent)
        let none = fixture([:], lost, lost, Self.whole)
        let text = await failure(none)
        #expect(text.contains("no AWS credentials; tried environment"))
        #expect(
            text.contains("instance metadata: session token of http://169.254.169.254: scripted (timeout, tries: 2)")
        )
        #expect(text.contains("hop limit"))
        let refused = await failure(fixture([:], .answer(403, "")))
        #expect(refused.hasSuffix("session token of http://169.254.169.254: HTTP 403"))
        let noRole = fixture([:], .answer(200, "session"), .answer(404, ""))
        #expect(await failure(noRole).contains("instance metadata: the instance has no role"))
        let off = fixture(["AWS_EC2_METADATA_DISABLED": "TRUE"], .answer(200, "session"))
        #expect(await failure(off).contains("AWS_EC2_METADATA_DISABLED is set"))
        #expect(off.transport.requests.isEmpty)
    }

    @Test func whatTheMetadataGivesBecomesNoPathAndNoHeader() async {
        let evilRole = fixture([:], .answer(200, "session"), .answer(200, "../../user-data"), Self.whole)
        #expect(await failure(evilRole).contains("the answer is no name of a role"))
        #expect(evilRole.transport.requests.count == 2)
        let evilToken = fixture([:], .answer(200, "a\r\nX-Evil: 1"), .answer(200, "r"), Self.whole)
        #expect(await failure(evilToken).contains("the answer is no token"))
        #expect(evilToken.transport.requests.count == 1)
    }

    @Test func theClocksOfTheseEndpointsTeachNothing() async throws {
        let fixture = fixture(
            ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"],
            .answer(200, CredentialAnswers.json(), headers: [("Date", "Tue, 14 Nov 2023 23:13:20 GMT")])
        )
        _ = try await find(fixture)
        #expect(fixture.context.clock.offset == .zero)
    }

    /// A clock that is an hour ahead takes good credentials for expired ones. They are used all the same, and the
    /// refusal corrects the clock.
    @Test func credentialsThatSeemToHaveExpiredAreTried() async throws {
        let fixture = fixture(
            ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"],
            .answer(200, CredentialAnswers.json(expiration: "2023-11-14T22:00:00Z")),
            .refusal("RequestTimeTooSkewed", status: 403, headers: [("Date", "Tue, 14 Nov 2023 21:13:20 GMT")]),
            .answer()
        )
        _ = try await AWSClient(.dynamodb, context: fixture.context).call(.json("DynamoDB_20120810", "GetItem", [:]))
        #expect(fixture.transport.left == 0)
        #expect(fixture.transport.requests.last?.header("X-Amz-Date")?.hasPrefix("20231114T2113") == true)
    }
}
