import WaybillCore
import WaybillPorts

/// The opaque token of a page: where DynamoDB is to go on, and for which kind of query.
enum PageToken {
    static func encode(_ kind: String, _ value: JSON) -> String {
        let json: JSON = .object([JSON.Member(kind, value)])
        return Base64URL.encode(json.encoded)
    }

    static func decode(_ kind: String, _ token: String) throws(LedgerError) -> JSON {
        guard let bytes = Base64URL.decode(token), let value = parse(bytes)?[kind] else {
            throw LedgerError(.rejected, "\"\(token)\" is not the token of a page of this query")
        }
        return value
    }

    private static func parse(_ bytes: [UInt8]) -> JSON? {
        do throws(JSONSyntaxError) {
            return try JSON.parse(bytes)
        } catch {
            // What is no JSON is no token: the caller says so.
            return nil
        }
    }
}
