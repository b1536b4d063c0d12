import Crypto
package import WaybillCore

extension PayloadHash {
    package static func sha256(_ bytes: [UInt8]) -> PayloadHash {
        guard let hash = PayloadHash(Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return hash
    }
}
