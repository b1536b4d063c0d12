import Foundation
import Testing
import WaybillAWS
import WaybillCore
import WaybillPorts

/// Our signer against botocore's: random requests with everything that is hard to sign.
@Suite struct BotocoreComparisonTests {
    /// One Python process signs them all.
    @Test func fiveThousandRequestsOfAllShapesAreSignedAsBotocoreSignsThem() throws {
        var generator = SeededGenerator(seed: 20_261_123)
        let requests = (0..<5000).map { _ in SignedSample(using: &generator) }
        let theirs = try Self.botocore(requests)
        try #require(theirs.count == requests.count)
        for (request, signature) in zip(requests, theirs) where request.authorization() != signature {
            Issue.record("botocore signs otherwise, with \(signature): \(request)")
        }
        for shape in SignedSample.Shape.allCases {
            let count = requests.count { $0.shapes.contains(shape) }
            #expect(count >= 100, "only \(count) of the requests have the shape \(shape)")
        }
    }

    private static let script = """
        import json, sys, datetime
        import botocore.auth, botocore.awsrequest, botocore.credentials
        from botocore.compat import HTTPHeaders
        answers = []
        for r in json.load(sys.stdin):
            now = datetime.datetime.fromtimestamp(r["time"], datetime.timezone.utc)
            botocore.auth.get_current_datetime = lambda: now
            headers = HTTPHeaders()
            for name, value in r["headers"]:
                headers.add_header(name, value)
            request = botocore.awsrequest.AWSRequest(method=r["method"], url="https://" + r["host"] + r["target"])
            request.headers = headers
            request.data = r["body"].encode()
            credentials = botocore.credentials.Credentials(r["key"], r["secret"], r["token"])
            botocore.auth.SigV4Auth(credentials, r["service"], r["region"]).add_auth(request)
            answers.append(request.headers["Authorization"])
        json.dump(answers, sys.stdout)
        """

    private static func botocore(_ requests: [SignedSample]) throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let python = root.appending(path: ".venv/bin/python")
        try #require(
            FileManager.default.isExecutableFile(atPath: python.path),
            "\(python.path) with botocore is not there: run the tests with ops/with-servers, which makes it"
        )
        let process = Process()
        process.executableURL = python
        process.arguments = ["-c", script]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Python reads all of it before it writes, so neither side waits for the other.
        try input.fileHandleForWriting.write(contentsOf: Data(JSON.array(requests.map(\.json)).encoded))
        try input.fileHandleForWriting.close()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return try #require(try JSON.parse(Array(answer)).elements).compactMap(\.text)
    }
}

private struct SignedSample {
    /// What is hard to sign, and must be there often enough.
    enum Shape: CaseIterable {
        case emptyPath, emptyQuery, emptyBody, emptyHeader, repeatedHeader, unicodePath, unicodeQuery, unicodeHeader
        case unicodeBody, sessionToken
    }

    private let method: String
    private let path: String
    private let query: String
    private let headers: [HTTPHeader]
    private let body: String
    private let credentials: AWSCredentials
    private let service: String
    private let region: String
    private let time: Timestamp

    init(using generator: inout SeededGenerator) {
        func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int.random(in: 0..<elements.count, using: &generator)]
        }
        func some(_ elements: [String], _ most: Int) -> [String] {
            (0..<Int.random(in: 0...most, using: &generator)).map { _ in pick(elements) }
        }
        let words = [
            "a", "Z9", "identities", "jo%40example.com", "%E1%88%B4", "a:b", "x@y", "~", "(1)", "it's", "*", "a+b",
            "%20",
            "..", ".", "", "arn:aws:sns:eu-west-1:1:t", "%2F", "%25",
        ]
        method = pick(["GET", "POST", "PUT", "DELETE"])
        path = "/" + (some(words, 5) + some([Self.unicode(using: &generator)], 1)).joined(separator: "/")
        let parts = ["", "a", "A", "b", "%C3%A4", "a%20b", "-._~", "%2F", "0", Self.unicode(using: &generator)]
        query = some(["a", "A", "b", "B%20", "%C3%A4", "a-", "a.", "0"], 4)
            .map { "\($0)=\(pick(parts))" }.joined(separator: "&")
        var headers = [HTTPHeader("Host", pick(["email.eu-west-1.amazonaws.com", "127.0.0.1:4566"]))]
        for name in some(["X-Amz-Target", "content-type", "X-A", "X-AB", "X-Amz", "Accept", "my-header"], 5) {
            headers.append(
                HTTPHeader(name, pick(["v", " two  blanks ", "a,b", "", "ü", "\"q   q\"", "tab\tbed", "日本"]))
            )
        }
        self.headers = headers
        body = some(["{}", "ä", "\u{1F4E6}", "Action=Publish&", " ", "\n"], 6).joined()
        credentials = AWSCredentials(
            accessKeyID: "AKID",
            secretAccessKey: pick(["secret", "s/+=ä", String(repeating: "k", count: 100)]),
            sessionToken: pick([nil, "token/+=="])
        )
        service = pick(["ses", "dynamodb", "sns", "sqs"])
        region = pick(["us-east-1", "cn-north-1"])
        time = Timestamp(seconds: Int64.random(in: 0...4_000_000_000, using: &generator))
    }

    /// Some characters of Unicode, encoded as a client does. Needlessly encoded letters are left out: we make one form
    /// of them, as AWS's description of the signature wants it, and botocore signs a query as it stands.
    private static func unicode(using generator: inout SeededGenerator) -> String {
        let scalars = (0..<3).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0x20...0x1_FFFF, using: &generator)) }
        return PercentEncoding.encode(String(String.UnicodeScalarView(scalars)))
    }

    var shapes: Set<Shape> {
        let names = headers.map { $0.name.lowercased() }
        let holds: [(Shape, Bool)] = [
            (.emptyPath, path == "/"), (.emptyQuery, query.isEmpty), (.emptyBody, body.isEmpty),
            (.emptyHeader, headers.contains { $0.value.isEmpty }), (.repeatedHeader, Set(names).count < names.count),
            (.unicodePath, path.contains("%F0") || path.contains("%E")), (.unicodeQuery, query.contains("%E")),
            (.unicodeHeader, headers.contains { !$0.value.allSatisfy(\.isASCII) }),
            (.unicodeBody, !body.allSatisfy(\.isASCII)), (.sessionToken, credentials.sessionToken != nil),
        ]
        return Set(holds.filter(\.1).map(\.0))
    }

    private var target: String { path + (query.isEmpty ? "" : "?\(query)") }

    var json: JSON {
        [
            "method": .string(method), "target": .string(target), "host": .string(headers[0].value),
            "headers": .array(headers.map { [.string($0.name), .string($0.value)] }), "body": .string(body),
            "key": .string(credentials.accessKeyID), "secret": .string(credentials.secretAccessKey),
            "token": credentials.sessionToken.map { .string($0) } ?? .null, "service": .string(service),
            "region": .string(region), "time": .number(time.seconds),
        ]
    }

    func authorization() -> String? {
        SigV4Signer(service: service, region: region).sign(
            method: method,
            path: path,
            query: query,
            headers: headers,
            body: Array(body.utf8),
            credentials: credentials,
            at: time
        ).last { $0.name == "Authorization" }?.value
    }
}

/// SplitMix64, so that a failure comes back.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
