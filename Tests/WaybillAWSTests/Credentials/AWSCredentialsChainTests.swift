import Synchronization
import Testing
import WaybillAWS
import WaybillCore

@Suite struct AWSCredentialsChainTests {
    private static let files = [
        "/h/.aws/credentials": """
        [default]
        aws_access_key_id = DEFAULT
        aws_secret_access_key = default/secret+1
        [shop]
        aws_access_key_id=SHOP
        aws_secret_access_key=shop-secret
        aws_session_token=shop-token
        """,
        "/h/.aws/config": """
        [profile tools]
        aws_access_key_id = TOOLS
        aws_secret_access_key = tools-secret
        [profile process]
        credential_process = /bin/keys
        [profile half]
        aws_access_key_id = HALF
        [profile empty]
        region = eu-central-1
        """,
    ]

    /// Asks a chain that may not reach any endpoint.
    private func find(
        _ variables: [String: String],
        profile: String? = nil,
        files: [String: String] = files
    ) async throws(AWSError) -> AWSCredentials {
        let all = ["HOME": "/h", "AWS_EC2_METADATA_DISABLED": "true"].merging(variables) { _, second in second }
        let fixture = AWSFixture(surroundings: AWSFixture.surroundings(all, files: files, profile: profile))
        let found = try await AWSCredentialsChain(context: fixture.context).find()
        #expect(found.expiresAt == nil)
        #expect(fixture.transport.requests.isEmpty)
        return found.credentials
    }

    @Test func theEnvironmentGoesBeforeTheFiles() async throws {
        let variables = AWSFixture.variables.merging(["AWS_SESSION_TOKEN": "token"]) { first, _ in first }
        #expect(
            try await find(variables)
                == AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret", sessionToken: "token")
        )
        #expect(try await find(["AWS_PROFILE": "shop", "AWS_ACCESS_KEY_ID": ""]).accessKeyID == "SHOP")
    }

    @Test func aProfileThatWasNamedOnPurposeGoesBeforeTheEnvironment() async throws {
        #expect(
            try await find(AWSFixture.variables, profile: "shop")
                == AWSCredentials(accessKeyID: "SHOP", secretAccessKey: "shop-secret", sessionToken: "shop-token")
        )
    }

    @Test func aProfileIsFoundInEitherFile() async throws {
        #expect(try await find([:]).secretAccessKey == "default/secret+1")
        #expect(try await find(["AWS_PROFILE": "tools"]).accessKeyID == "TOOLS")
    }

    @Test func theFilesAreWhereTheVariablesSay() async throws {
        let files = ["/run/keys": "[default]\naws_access_key_id = RUN\naws_secret_access_key = s\n"]
        let key = try await find(["AWS_SHARED_CREDENTIALS_FILE": "/run/keys"], files: files)
        #expect(key.accessKeyID == "RUN")
    }

    @Test func eachLinkThatWasTriedSaysWhyItGaveNothing() async throws {
        let error = await #expect(throws: AWSError.self) { try await find(["AWS_PROFILE": "empty"]) }
        #expect(error?.code == .credentials)
        let parts = [
            "no AWS credentials; tried environment: AWS_ACCESS_KEY_ID is not set",
            "role of the profile: profile empty has none with a source",
            "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
            "credentials file: no profile empty of /h/.aws/credentials",
            "programs and single sign-on: none in profile empty",
            "config file: profile empty of /h/.aws/config has no aws_access_key_id",
            "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set",
            "instance metadata: AWS_EC2_METADATA_DISABLED is set",
        ]
        #expect(error?.message == parts.joined(separator: "; "))
    }

    @Test func aProfileThatIsNamedAndNowhereEndsTheSearch() async throws {
        let error = await #expect(throws: AWSError.self) { try await find(["AWS_PROFILE": "nobody"]) }
        let message = try #require(error?.message)
        #expect(message.contains("no profile nobody of /h/.aws/credentials or /h/.aws/config"))
        #expect(message.contains("tried before: environment: AWS_ACCESS_KEY_ID is not set"))
    }

    @Test func whatIsNotSupportedEndsTheSearch() async {
        let error = await #expect(throws: AWSError.self) { try await find(["AWS_PROFILE": "process"]) }
        #expect(error?.message.contains("credential_process, which Waybill does not support") == true)
    }

    @Test func halfAKeyIsAnErrorAndNotSkipped() async {
        let inEnvironment = await #expect(throws: AWSError.self) { try await find(["AWS_ACCESS_KEY_ID": "AKID"]) }
        #expect(inEnvironment?.message.contains("AWS_SECRET_ACCESS_KEY") == true)
        let inFile = await #expect(throws: AWSError.self) { try await find(["AWS_PROFILE": "half"]) }
        #expect(inFile?.message.contains("aws_secret_access_key") == true)
    }

    @Test func aRotatedKeyIsFoundAfterTwoMinutesOrOnDemand() async throws {
        let file = RotatingFile()
        let fixture = AWSFixture(
            surroundings: AWSSurroundings(variables: ["HOME": "/h"]) { path throws(AWSError) in
                path == "/h/.aws/credentials" ? file.read() : nil
            }
        )
        let first = try await fixture.context.credentials()
        try await fixture.environment.sleep(for: .seconds(119))
        #expect(try await fixture.context.credentials() == first)
        try await fixture.environment.sleep(for: .seconds(1))
        #expect(try await fixture.context.credentials() != first)
    }

    @Test func noSecretIsPrinted() {
        let credentials = AWSCredentials(accessKeyID: "KEY", secretAccessKey: "private", sessionToken: "token")
        let found = FoundCredentials(credentials, expiresAt: SteppedEnvironment.start)
        var dumped = ""
        dump(found, to: &dumped)
        for text in ["\(credentials)", "\(found)", String(reflecting: found), dumped] {
            #expect(text.contains("KEY"))
            #expect(!text.contains("private") && !text.contains("token"))
        }
    }
}

/// A credentials file with another key at each reading.
final class RotatingFile: Sendable {
    private let readings = Mutex(0)

    func read() -> String {
        let reading = readings.withLock { readings in
            readings += 1
            return readings
        }
        return "[default]\naws_access_key_id = KEY\(reading)\naws_secret_access_key = s\n"
    }
}
