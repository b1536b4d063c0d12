import Synchronization
import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

/// Roles taken from STS: by a profile, and by a web identity.
@Suite struct RoleCredentialsTests {
    private static let files = [
        "/h/.aws/credentials": """
        [keys]
        aws_access_key_id = SOURCE
        aws_secret_access_key = source-secret
        [circle]
        role_arn = arn:aws:iam::1:role/circle
        source_profile = back
        """,
        "/h/.aws/config": """
        [profile role]
        role_arn = arn:aws:iam::1:role/x
        source_profile = keys
        external_id = 4+2
        role_session_name = shop
        duration_seconds = 900
        [profile second]
        role_arn = arn:aws:iam::1:role/second
        source_profile = role
        [profile environment]
        role_arn = arn:aws:iam::1:role/x
        credential_source = Environment
        [profile container]
        role_arn = arn:aws:iam::1:role/x
        credential_source = EcsContainer
        [profile instance]
        role_arn = arn:aws:iam::1:role/x
        credential_source = Ec2InstanceMetadata
        [profile elsewhere]
        role_arn = arn:aws:iam::1:role/x
        credential_source = Moon
        [profile both]
        role_arn = arn:aws:iam::1:role/x
        credential_source = Environment
        source_profile = keys
        [profile neither]
        role_arn = arn:aws:iam::1:role/x
        [profile lost]
        role_arn = arn:aws:iam::1:role/x
        source_profile = nowhere
        [profile keyless]
        role_arn = arn:aws:iam::1:role/x
        source_profile = plain
        [profile plain]
        region = eu-central-1
        [profile code]
        role_arn = arn:aws:iam::1:role/x
        source_profile = keys
        mfa_serial = arn:aws:iam::1:mfa/x
        [profile short]
        role_arn = arn:aws:iam::1:role/x
        source_profile = keys
        duration_seconds = 60
        [profile back]
        role_arn = arn:aws:iam::1:role/back
        source_profile = circle
        [profile web]
        role_arn = arn:aws:iam::1:role/web
        web_identity_token_file = /t
        """,
        "/t": " first-token\n", "/empty": "\n",
    ]
    private static let temporary = AWSCredentials(
        accessKeyID: "ASIA",
        secretAccessKey: "private",
        sessionToken: "token"
    )

    private func fixture(
        _ variables: [String: String],
        _ answers: Result<HTTPResponse, HTTPError>...
    ) -> AWSFixture {
        let all = ["HOME": "/h"].merging(variables) { _, second in second }
        return AWSFixture(answers, surroundings: AWSFixture.surroundings(all, files: Self.files))
    }

    private func find(_ fixture: AWSFixture) async throws(AWSError) -> FoundCredentials {
        try await AWSCredentialsChain(context: fixture.context).find()
    }

    @Test func aProfilesRoleIsTakenWithTheSourcesKey() async throws {
        let fixture = fixture(["AWS_PROFILE": "role"], .answer(200, CredentialAnswers.sts("AssumeRole")))
        let found = try await find(fixture)
        #expect(found == FoundCredentials(Self.temporary, expiresAt: Timestamp(rfc3339: "2023-11-14T23:13:20Z")))
        let request = try #require(fixture.transport.requests.first)
        #expect(request.url == "https://sts.eu-central-1.amazonaws.com/")
        #expect(request.header("Authorization")?.contains("Credential=SOURCE/20231114/eu-central-1/sts/") == true)
        #expect(
            request.text == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx"
                + "&RoleSessionName=shop&ExternalId=4%2B2&DurationSeconds=900"
        )
    }

    @Test func aRoleMayBeTheSourceOfAnother() async throws {
        let fixture = fixture(
            ["AWS_PROFILE": "second"],
            .answer(200, CredentialAnswers.sts("AssumeRole", key: "FIRST")),
            .answer(200, CredentialAnswers.sts("AssumeRole"))
        )
        #expect(try await find(fixture).credentials == Self.temporary)
        let requests = fixture.transport.requests
        #expect(requests.count == 2)
        #expect(requests[1].header("Authorization")?.contains("Credential=FIRST/") == true)
        #expect(requests[1].header("X-Amz-Security-Token") == "token")
        #expect(requests[1].text.contains("role%2Fsecond&RoleSessionName=waybill"))
    }

    @Test func theSourceOfARoleMayBeTheMachines() async throws {
        let sts = Result<HTTPResponse, HTTPError>.answer(200, CredentialAnswers.sts("AssumeRole"))
        let machine = Result<HTTPResponse, HTTPError>.answer(200, CredentialAnswers.json(key: "MACHINE"))
        let container = fixture(
            ["AWS_PROFILE": "container", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"],
            machine,
            sts
        )
        let instance = fixture(["AWS_PROFILE": "instance"], .answer(200, "t"), .answer(200, "role"), machine, sts)
        for fixture in [container, instance] {
            #expect(try await find(fixture).credentials == Self.temporary)
            let request = try #require(fixture.transport.requests.last)
            #expect(request.header("Authorization")?.contains("Credential=MACHINE/") == true)
        }
    }

    @Test func theSourceOfARoleMayBeTheEnvironmentOfAProfileNamedOnPurpose() async throws {
        let transport = AWSFixture(
            .answer(200, CredentialAnswers.sts("AssumeRole")),
            surroundings: AWSFixture.surroundings(
                AWSFixture.variables.merging(["HOME": "/h"]) { first, _ in first },
                files: Self.files,
                profile: "environment"
            )
        )
        #expect(try await find(transport).credentials == Self.temporary)
        #expect(transport.transport.requests[0].header("Authorization")?.contains("Credential=AKID/") == true)
    }

    @Test(arguments: [
        ("elsewhere", "credential_source must be Environment, EcsContainer or Ec2InstanceMetadata, not Moon"),
        ("both", "profile both has source_profile and credential_source: only one may be set"),
        ("neither", "profile neither has role_arn: set source_profile or credential_source too"),
        ("lost", "no profile nowhere of /h/.aws/credentials or /h/.aws/config"),
        ("keyless", "source_profile plain has neither aws_access_key_id nor role_arn"),
        ("code", "profile code has mfa_serial"),
        ("short", "profile short: duration_seconds must be 900 to 43200, not 60"),
        ("circle", "source_profile goes in a circle: circle -> back -> circle"),
        ("environment", "credential_source Environment: AWS_ACCESS_KEY_ID is not set"),
        ("container", "credential_source EcsContainer: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and"),
    ])
    func aRoleThatCannotBeTakenSaysWhatIsWrong(profile: String, message: String) async throws {
        let fixture = fixture(["AWS_PROFILE": profile])
        let error = await #expect(throws: AWSError.self) { try await find(fixture) }
        #expect(error?.code == .credentials)
        #expect(error?.message.contains("role of the profile: ") == true)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test func aWebIdentityIsExchangedUnsigned() async throws {
        let fixture = fixture(
            ["AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod"],
            .answer(200, CredentialAnswers.sts("AssumeRoleWithWebIdentity"))
        )
        let found = try await find(fixture)
        #expect(found == FoundCredentials(Self.temporary, expiresAt: Timestamp(rfc3339: "2023-11-14T23:13:20Z")))
        let request = try #require(fixture.transport.requests.first)
        #expect(request.header("Authorization") == nil)
        #expect(
            request.text == "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
                + "&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fpod&RoleSessionName=waybill&WebIdentityToken=first-token"
        )
    }

    @Test func aProfileMayNameAWebIdentity() async throws {
        let answer = CredentialAnswers.sts("AssumeRoleWithWebIdentity")
        let fixture = fixture(["AWS_PROFILE": "web"], .answer(200, answer))
        #expect(try await find(fixture).credentials == Self.temporary)
        #expect(fixture.transport.requests.first?.text.contains("role%2Fweb&") == true)
    }

    @Test func theTokenFileIsReadAgainAtEachRefresh() async throws {
        let tokens = Mutex(["second-token", "first-token"])
        let answers = ["22:43:20", "23:13:20"].map {
            CredentialAnswers.sts("AssumeRoleWithWebIdentity", expiration: "2023-11-14T\($0)Z")
        }
        let fixture = AWSFixture(
            .answer(200, answers[0]),
            .answer(200, answers[1]),
            surroundings: AWSSurroundings(
                variables: ["AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod"]
            ) { path throws(AWSError) in path == "/t" ? tokens.withLock { $0.removeLast() } : nil }
        )
        _ = try await fixture.context.credentials()
        // The first hold for half an hour: one refresh is due a quarter of an hour before their end.
        try await fixture.environment.sleep(for: .seconds(899))
        _ = try await fixture.context.credentials()
        #expect(fixture.transport.requests.count == 1)
        try await fixture.environment.sleep(for: .seconds(1))
        _ = try await fixture.context.credentials()
        #expect(fixture.transport.requests.map { $0.text.contains("WebIdentityToken=second-token") } == [false, true])
    }

    @Test(arguments: [
        (["AWS_WEB_IDENTITY_TOKEN_FILE": "/t"], "set AWS_ROLE_ARN or role_arn"),
        (["AWS_WEB_IDENTITY_TOKEN_FILE": "/gone", "AWS_ROLE_ARN": "a"], "token file: /gone is not there"),
        (["AWS_WEB_IDENTITY_TOKEN_FILE": "/empty", "AWS_ROLE_ARN": "a"], "token file /empty is empty"),
    ])
    func aWebIdentityThatIsNotWholeSaysWhatIsMissing(variables: [String: String], message: String) async {
        let fixture = fixture(variables)
        let error = await #expect(throws: AWSError.self) { try await find(fixture) }
        #expect(error?.message.contains("web identity: ") == true)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(fixture.transport.requests.isEmpty)
    }

    @Test func anAnswerOfSTSWithoutAFieldIsNamed() async {
        for field in ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"] {
            let answer = CredentialAnswers.sts("AssumeRole").replacing(field, with: "Other")
            let fixture = fixture(["AWS_PROFILE": "role"], .answer(200, answer))
            let error = await #expect(throws: AWSError.self) { try await find(fixture) }
            #expect(error?.message.contains("AssumeRole: the answer has no \(field)") == true)
            #expect(error?.message.contains("private") == false)
        }
    }

    /// Whatever STS does, the email was not sent: no other outcome may come out of a search for credentials.
    @Test func anEmailWithoutCredentialsWasNotWritten() async throws {
        let failures: [Result<HTTPResponse, HTTPError>] = [
            .answer(403, CredentialAnswers.stsRefusal("AccessDenied"), requestID: nil), .answer(200, "<html>"),
            .answer(500, "oops", requestID: nil), .lost(.timeout, .maybeSent), .lost(.cancelled, .maybeSent),
        ]
        for failure in failures {
            let fixture = fixture(["AWS_PROFILE": "role"], failure, failure, failure)
            let error = await #expect(throws: AWSError.self) {
                try await AWSClient(.ses, context: fixture.context).call(.rest("SendEmail", "POST", "/", [:]))
            }
            #expect(error?.code == .credentials || error?.code == .cancelled)
            #expect(error?.exposure == .notSent)
            #expect(fixture.transport.requests.allSatisfy { $0.url.contains("//sts.") })
        }
    }

    @Test func aRefusalOfSTSTeachesTheClock() async throws {
        let date = [("Date", "Tue, 14 Nov 2023 23:13:20 GMT")]
        let refusal = CredentialAnswers.stsRefusal("SignatureDoesNotMatch")
            .replacing("may not", with: "Signature expired: 1 is now earlier than 2")
        let fixture = fixture(
            ["AWS_PROFILE": "role"],
            .answer(403, refusal, requestID: nil, headers: date),
            .answer(200, CredentialAnswers.sts("AssumeRole", expiration: "2023-11-15T00:13:20Z"), headers: date)
        )
        _ = try await find(fixture)
        #expect(fixture.context.clock.offset == .seconds(3600))
        #expect(fixture.transport.requests.map { $0.header("X-Amz-Date") } == ["20231114T221320Z", "20231114T231320Z"])
    }
}
