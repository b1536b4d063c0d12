import Synchronization
import Testing
import WaybillAWS
import WaybillCore

@Suite struct AWSCredentialsChainTests {
    private static let now = Timestamp(seconds: 1_700_000_000)
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
        [profile role]
        role_arn = arn:aws:iam::1:role/x
        source_profile = default
        [profile half]
        aws_access_key_id = HALF
        """,
    ]

    private func find(_ variables: [String: String], profile: String? = nil) throws(AWSError) -> AWSCredentials {
        let all = variables.merging(["HOME": "/h"]) { first, _ in first }
        let chain = AWSCredentialsChain(AWSFixture.surroundings(all, files: Self.files, profile: profile))
        return try chain.credentials(now: Self.now)
    }

    @Test func theEnvironmentGoesBeforeTheFiles() throws {
        let variables = AWSFixture.variables.merging(["AWS_SESSION_TOKEN": "token"]) { first, _ in first }
        #expect(
            try find(variables)
                == AWSCredentials(accessKeyID: "AKID", secretAccessKey: "secret", sessionToken: "token")
        )
        #expect(try find(["AWS_PROFILE": "shop", "AWS_ACCESS_KEY_ID": ""]).accessKeyID == "SHOP")
    }

    @Test func aProfileThatWasNamedOnPurposeGoesBeforeTheEnvironment() throws {
        #expect(
            try find(AWSFixture.variables, profile: "shop")
                == AWSCredentials(accessKeyID: "SHOP", secretAccessKey: "shop-secret", sessionToken: "shop-token")
        )
    }

    @Test func aProfileIsFoundInEitherFile() throws {
        #expect(try find([:]).secretAccessKey == "default/secret+1")
        #expect(try find(["AWS_PROFILE": "tools"]).accessKeyID == "TOOLS")
    }

    @Test func theFilesAreWhereTheVariablesSay() throws {
        let files = ["/run/keys": "[default]\naws_access_key_id = RUN\naws_secret_access_key = s\n"]
        let surroundings = AWSFixture.surroundings(["AWS_SHARED_CREDENTIALS_FILE": "/run/keys"], files: files)
        #expect(try AWSCredentialsChain(surroundings).credentials(now: Self.now).accessKeyID == "RUN")
    }

    @Test func whatIsMissingIsNamed() throws {
        let error = #expect(throws: AWSError.self) { try find(["AWS_PROFILE": "nobody"]) }
        let message = try #require(error?.message)
        #expect(error?.code == .credentials)
        for part in ["AWS_ACCESS_KEY_ID", "profile nobody of /h/.aws/credentials", "/h/.aws/config"] {
            #expect(message.contains(part))
        }
        let role = #expect(throws: AWSError.self) { try find(["AWS_PROFILE": "role"]) }
        #expect(role?.message.contains("not supported: role_arn") == true)
    }

    @Test func halfAKeyIsAnErrorAndNotSkipped() {
        let inEnvironment = #expect(throws: AWSError.self) { try find(["AWS_ACCESS_KEY_ID": "AKID"]) }
        #expect(inEnvironment?.message.contains("AWS_SECRET_ACCESS_KEY") == true)
        let inFile = #expect(throws: AWSError.self) { try find(["AWS_PROFILE": "half"]) }
        #expect(inFile?.message.contains("aws_secret_access_key") == true)
    }

    @Test func aRotatedKeyIsFoundAfterTwoMinutesOrOnDemand() throws {
        let file = RotatingFile()
        let chain = AWSCredentialsChain(
            AWSSurroundings(variables: ["HOME": "/h"]) { path throws(AWSError) in
                path == "/h/.aws/credentials" ? file.read() : nil
            }
        )
        #expect(try chain.credentials(now: Self.now).accessKeyID == "KEY1")
        #expect(try chain.credentials(now: Self.now + .seconds(119)).accessKeyID == "KEY1")
        #expect(try chain.credentials(now: Self.now + .seconds(120)).accessKeyID == "KEY2")
        chain.invalidate()
        #expect(try chain.credentials(now: Self.now + .seconds(121)).accessKeyID == "KEY3")
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
