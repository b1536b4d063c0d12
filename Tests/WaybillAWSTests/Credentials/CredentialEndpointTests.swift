import Synchronization
import Testing
import WaybillAWS
import WaybillCore
import WaybillHTTP
import WaybillPorts
import WaybillReactor
import WaybillTestServer

/// The chain over real HTTP, against small servers on the loopback that speak each protocol and refuse what is not it.
@Suite(.timeLimit(.minutes(1))) struct CredentialEndpointTests {
    private static let path = "/latest/meta-data/iam/security-credentials/"
    private static let temporary = AWSCredentials(
        accessKeyID: "ASIA",
        secretAccessKey: "private",
        sessionToken: "token"
    )

    private struct Answer {
        var status = "200 OK"
        var body = ""

        static let notFound = Answer(status: "404 Not Found")
        static let unauthorized = Answer(status: "401 Unauthorized")
    }

    /// Runs a test against a server that answers each request as told.
    private func withServer(
        _ answer: @escaping @Sendable (ReceivedRequest) -> Answer,
        _ test: (_ base: String, TestServer, HTTPEngine) async throws -> Void
    ) async throws {
        let reactor = try Reactor()
        let engine = HTTPEngine(reactor: reactor)
        let server = try TestServer { connection in
            while true {
                let answer = answer(try connection.request())
                try connection.respond(answer.body, status: answer.status)
            }
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await test(String(server.url.dropLast()), server, engine))
        } catch {
            result = .failure(error)
        }
        server.end()
        await engine.shutdown()
        await reactor.stop()
        try result.get()
    }

    private func context(
        _ variables: [String: String],
        _ engine: HTTPEngine,
        files: [String: String] = [:]
    ) throws -> AWSContext {
        let surroundings = AWSFixture.surroundings(
            ["AWS_REGION": "eu-central-1"].merging(variables) { _, second in second },
            files: files
        )
        return AWSContext(
            configuration: try AWSConfiguration(surroundings),
            surroundings: surroundings,
            transport: engine,
            environment: SteppedEnvironment(),
            usage: UsageRecord()
        )
    }

    @Test func anInstancesCredentialsComeByIMDSv2() async throws {
        try await withServer { request in
            switch request.line {
            case "PUT /latest/api/token HTTP/1.1":
                request.header("x-aws-ec2-metadata-token-ttl-seconds") == "21600"
                    ? Answer(body: "session") : Answer(status: "400 Bad Request")
            case "GET \(Self.path) HTTP/1.1":
                request.header("x-aws-ec2-metadata-token") == "session" ? Answer(body: "shop") : .unauthorized
            case "GET \(Self.path)shop HTTP/1.1":
                request.header("x-aws-ec2-metadata-token") == "session"
                    ? Answer(body: CredentialAnswers.json()) : .unauthorized
            default: .notFound
            }
        } _: { base, server, engine in
            let context = try context(["AWS_EC2_METADATA_SERVICE_ENDPOINT": base], engine)
            #expect(try await context.credentials() == Self.temporary)
            #expect(server.requests.count == 3)
            // Within an hour of their expiry, and before the last quarter: nobody asks again.
            #expect(try await context.credentials() == Self.temporary)
            #expect(server.requests.count == 3)
        }
    }

    @Test func aContainersCredentialsComeWithTheTokenOfTheFile() async throws {
        let files = ["/token": "Bearer eks"]
        try await withServer { request in
            guard request.line == "GET /v1/credentials?x=1 HTTP/1.1" else { return .notFound }
            return request.header("authorization") == "Bearer eks"
                ? Answer(body: CredentialAnswers.json()) : .unauthorized
        } _: { base, _, engine in
            let variables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": base + "/v1/credentials?x=1"]
            let token = ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token"]
            let whole = try context(variables.merging(token) { first, _ in first }, engine, files: files)
            #expect(try await whole.credentials() == Self.temporary)
            let without = try context(variables, engine)
            let error = await #expect(throws: AWSError.self) { try await without.credentials() }
            #expect(error?.message.contains("HTTP 401") == true)
        }
    }

    @Test func aWebIdentityComesFromSTSUnsigned() async throws {
        try await withServer { request in
            let form = String(decoding: request.body, as: UTF8.self)
            guard request.line == "POST / HTTP/1.1", request.header("authorization") == nil,
                request.header("content-type") == "application/x-www-form-urlencoded; charset=utf-8",
                form.contains("Action=AssumeRoleWithWebIdentity&"), form.hasSuffix("&WebIdentityToken=jwt.with.dots")
            else { return Answer(status: "400 Bad Request", body: CredentialAnswers.stsRefusal("ValidationError")) }
            return Answer(body: CredentialAnswers.sts("AssumeRoleWithWebIdentity"))
        } _: { base, _, engine in
            let variables = [
                "AWS_ENDPOINT_URL_STS": base, "AWS_WEB_IDENTITY_TOKEN_FILE": "/t",
                "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod",
            ]
            let whole = try context(variables, engine, files: ["/t": "jwt.with.dots\n"])
            #expect(try await whole.credentials() == Self.temporary)
            let wrong = try context(variables, engine, files: ["/t": "other"])
            let error = await #expect(throws: AWSError.self) { try await wrong.credentials() }
            #expect(error?.message.contains("web identity: AssumeRoleWithWebIdentity at \(base)") == true)
            #expect(error?.message.contains("ValidationError: may not (HTTP 400) (request request-2)") == true)
        }
    }

    @Test func aRoleComesFromSTSSignedByTheSourcesKey() async throws {
        let files = [
            "~/.aws/config": """
            [profile shop]
            role_arn = arn:aws:iam::1:role/x
            source_profile = keys
            [profile keys]
            aws_access_key_id = SOURCE
            aws_secret_access_key = source-secret
            """
        ]
        try await withServer { request in
            let signature = request.header("authorization") ?? ""
            guard signature.contains("Credential=SOURCE/20231114/eu-central-1/sts/aws4_request") else {
                return Answer(status: "403 Forbidden", body: CredentialAnswers.stsRefusal("InvalidClientTokenId"))
            }
            return Answer(body: CredentialAnswers.sts("AssumeRole"))
        } _: { base, _, engine in
            let variables = ["AWS_ENDPOINT_URL_STS": base, "AWS_PROFILE": "shop"]
            let context = try context(variables, engine, files: files)
            #expect(try await context.credentials() == Self.temporary)
        }
    }

    /// A hundred calls at once while the old credentials hold: one of them asks the endpoint.
    @Test func aHundredCallsRefreshOnce() async throws {
        let keys = Mutex(0)
        try await withServer { _ in
            let key = keys.withLock { keys in
                keys += 1
                return keys
            }
            return Answer(body: CredentialAnswers.json(key: "KEY\(key)", expiration: "2023-11-14T23:13:20Z"))
        } _: { base, server, engine in
            let context = try context(["AWS_CONTAINER_CREDENTIALS_FULL_URI": base + "/x"], engine)
            _ = try await context.credentials()
            // An hour of life: a quarter of an hour before its end somebody asks again.
            try await context.environment.sleep(for: .seconds(45 * 60))
            let used = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<100 { group.addTask { try await context.credentials().accessKeyID } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(used.isSubset(of: ["KEY1", "KEY2"]) && used.contains("KEY2"))
            #expect(server.requests.count == 2)
        }
    }

    @Test func anEndpointThatDiesLeavesTheOldCredentialsUntilTheyExpire() async throws {
        let isAway = Mutex(false)
        try await withServer { _ in
            isAway.withLock { $0 }
                ? Answer(status: "503 Service Unavailable") : Answer(body: CredentialAnswers.json())
        } _: { base, _, engine in
            let context = try context(["AWS_CONTAINER_CREDENTIALS_FULL_URI": base + "/x"], engine)
            _ = try await context.credentials()
            isAway.withLock { $0 = true }
            try await context.environment.sleep(for: .seconds(55 * 60))
            #expect(try await context.credentials() == Self.temporary)
            try await context.environment.sleep(for: .seconds(5 * 60))
            let error = await #expect(throws: AWSError.self) { try await context.credentials() }
            #expect(error?.message.contains("container endpoint \(base)/x: HTTP 503") == true)
        }
    }
}

extension ReceivedRequest {
    fileprivate func header(_ name: String) -> String? {
        let line = headers.first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
        return line.map { String($0.dropFirst(name.count + 2)) }
    }
}
