import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

@Suite struct SigV4SignerTests {
    private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    @Test(arguments: SigV4Vector.all)
    func aSuiteCaseGetsItsPublishedSignature(_ vector: SigV4Vector) throws {
        let signer = SigV4Signer(service: "service", region: "us-east-1")
        let blank = try #require(vector.target.firstIndex(of: " "))
        let target = vector.target[vector.target.index(after: blank)...]
        let parts = target.split(separator: "?", maxSplits: 1)
        var headers = [HTTPHeader("Host", "example.amazonaws.com")]
        headers += vector.headers.map { HTTPHeader($0.name, $0.value) }
        let signed = signer.sign(
            method: String(vector.target[..<blank]),
            path: String(parts[0]),
            query: parts.count > 1 ? String(parts[1]) : "",
            headers: headers,
            body: Array(vector.body.utf8),
            credentials: AWSCredentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: Self.secret,
                sessionToken: vector.token
            ),
            at: try #require(Timestamp(rfc3339: "2015-08-30T12:36:00Z"))
        )
        let authorization = try #require(signed.last { $0.name == "Authorization" }?.value)
        #expect(authorization.hasSuffix("Signature=\(vector.signature)"), "\(vector.name): \(authorization)")
        #expect(signed.last { $0.name == "X-Amz-Security-Token" }?.value == vector.token)
    }

    @Test func theWholeHeaderHasTheFormAWSReads() throws {
        let vector = try #require(SigV4Vector.all.first { $0.name == "get-vanilla" })
        let signed = try sign(secret: Self.secret, at: "2015-08-30T12:36:00Z")
        let expected =
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            + "SignedHeaders=host;x-amz-date, Signature=\(vector.signature)"
        #expect(signed.map(\.name) == ["Host", "X-Amz-Date", "Authorization"])
        #expect(signed.last?.value == expected)
    }

    @Test func theCachedKeyIsNotUsedForAnotherDayOrAnotherSecret() throws {
        let signer = SigV4Signer(service: "service", region: "us-east-1")
        for (secret, time) in [
            (Self.secret, "2015-08-30T12:36:00Z"), ("another", "2015-08-30T12:36:00Z"),
            (Self.secret, "2015-08-31T00:00:00Z"), (Self.secret, "2015-08-30T12:36:00Z"),
        ] {
            let cached = try sign(secret: secret, at: time, signer: signer)
            #expect(try cached == sign(secret: secret, at: time))
        }
    }

    @Test func theSecretIsInNoDescription() {
        let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "SECRET", sessionToken: "TOKEN")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(text.contains("AKID"))
            #expect(!text.contains("SECRET") && !text.contains("TOKEN"))
        }
    }

    private func sign(
        secret: String,
        at time: String,
        signer: SigV4Signer = SigV4Signer(service: "service", region: "us-east-1")
    ) throws -> [HTTPHeader] {
        signer.sign(
            method: "GET",
            path: "/",
            headers: [HTTPHeader("Host", "example.amazonaws.com")],
            body: [],
            credentials: AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: secret),
            at: try #require(Timestamp(rfc3339: time))
        )
    }
}

extension SigV4Vector: CustomTestStringConvertible {
    var testDescription: String { name }
}
