import Crypto
import Synchronization
package import WaybillCore
package import WaybillPorts

/// Signs requests with AWS Signature Version 4 in the Authorization header. The time is the caller's: DESIGN 2B rests on
/// a request that is signed with the time in its claim.
package final class SigV4Signer: Sendable {
    private struct CachedKey {
        let day: String
        let secret: String
        let key: SymmetricKey
    }

    private let service: String
    private let region: String
    private let cache = Mutex<CachedKey?>(nil)

    /// `service` is the signing name (`ses`, `dynamodb`, `sqs`, `sns`).
    package init(service: String, region: String) {
        self.service = service
        self.region = region
    }

    /// The headers to send: those given, which must hold `Host`, with `X-Amz-Date`, `X-Amz-Security-Token` when the
    /// credentials are temporary, and `Authorization`. All that are given are signed. `path` and `query` are as they
    /// will stand on the wire.
    package func sign(
        method: String,
        path: String,
        query: String = "",
        headers: [HTTPHeader],
        body: [UInt8],
        credentials: AWSCredentials,
        at time: Timestamp
    ) -> [HTTPHeader] {
        let date = time.amzDate
        var headers = headers
        headers.append(HTTPHeader("X-Amz-Date", date))
        if let token = credentials.sessionToken { headers.append(HTTPHeader("X-Amz-Security-Token", token)) }
        let request = CanonicalRequest(method: method, path: path, query: query, headers: headers, body: body)

        let day = String(date.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let hash = Hex.encode(SHA256.hash(data: request.bytes))
        let stringToSign = "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n\(hash)"
        let key = signingKey(secret: credentials.secretAccessKey, day: day)
        let signature = Hex.encode(HMAC<SHA256>.authenticationCode(for: Array(stringToSign.utf8), using: key))
        let signed = String(decoding: request.signedHeaders, as: UTF8.self)
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(signed), Signature=\(signature)"
        headers.append(HTTPHeader("Authorization", authorization))
        return headers
    }

    /// Deriving the key takes as long as signing, and it holds for a day.
    private func signingKey(secret: String, day: String) -> SymmetricKey {
        cache.withLock { cached in
            if let cached, cached.day == day, cached.secret == secret { return cached.key }
            var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
            for part in [day, region, service, "aws4_request"] {
                key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
            }
            cached = CachedKey(day: day, secret: secret, key: key)
            return key
        }
    }
}
