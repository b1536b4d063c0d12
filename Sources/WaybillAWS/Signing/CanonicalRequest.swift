import Crypto
import WaybillCore
import WaybillPorts

/// The form of a request that is hashed and signed (AWS, "Create a signed AWS API request", step 1). The path is encoded
/// once more than it is on the wire, and its dot segments are resolved: what every service but S3 expects.
struct CanonicalRequest {
    let signedHeaders: [UInt8]
    let bytes: [UInt8]

    init(method: String, path: String, query: String, headers: [HTTPHeader], body: [UInt8]) {
        let rows = Self.rows(headers)
        signedHeaders = Array(rows.map(\.name).joined(separator: [UInt8(ascii: ";")]))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        bytes += method.utf8
        bytes.append(0x0A)
        bytes += Self.path(path)
        bytes.append(0x0A)
        bytes += Self.query(query)
        bytes.append(0x0A)
        for row in rows {
            bytes += row.name
            bytes.append(UInt8(ascii: ":"))
            bytes += row.value
            bytes.append(0x0A)
        }
        bytes.append(0x0A)
        bytes += signedHeaders
        bytes.append(0x0A)
        bytes += Hex.encode(SHA256.hash(data: body)).utf8
        self.bytes = bytes
    }

    private struct Row {
        let name: [UInt8]
        var value: [UInt8]
    }

    /// Lower-case names in order of their bytes; the values of a repeated name are joined in the order given.
    private static func rows(_ headers: [HTTPHeader]) -> [Row] {
        var rows: [Row] = []
        for header in headers {
            let name = Array(header.name.lowercased().utf8)
            if let index = rows.firstIndex(where: { $0.name == name }) {
                rows[index].value.append(UInt8(ascii: ","))
                rows[index].value += trimmed(header.value)
            } else {
                rows.append(Row(name: name, value: trimmed(header.value)))
            }
        }
        return rows.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// No blanks around the value, and one for each run of them inside.
    private static func trimmed(_ value: String) -> [UInt8] {
        var output: [UInt8] = []
        var blank = false
        for byte in value.utf8 {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: blank = true
            default:
                if blank && !output.isEmpty { output.append(0x20) }
                blank = false
                output.append(byte)
            }
        }
        return output
    }

    private static func path(_ path: String) -> [UInt8] {
        var segments: [Substring] = []
        for segment in path.split(separator: "/", omittingEmptySubsequences: true) {
            switch segment {
            case ".": continue
            case "..": _ = segments.popLast()
            default: segments.append(segment)
            }
        }
        var resolved = "/" + segments.joined(separator: "/")
        if path.hasSuffix("/") && !segments.isEmpty { resolved += "/" }
        var output: [UInt8] = []
        PercentEncoding.append(resolved.utf8, keepingSlash: true, to: &output)
        return output
    }

    /// The parameters in order of their encoded names, then values; each with an equals sign.
    private static func query(_ query: String) -> [UInt8] {
        let parameters = query.split(separator: "&").map { part -> (name: [UInt8], value: [UInt8]) in
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (encodedAgain(pieces[0]), pieces.count > 1 ? encodedAgain(pieces[1]) : [])
        }
        let sorted = parameters.sorted { left, right in
            left.name != right.name
                ? left.name.lexicographicallyPrecedes(right.name) : left.value.lexicographicallyPrecedes(right.value)
        }
        return Array(sorted.map { $0.name + [UInt8(ascii: "=")] + $0.value }.joined(separator: [UInt8(ascii: "&")]))
    }

    private static func encodedAgain(_ text: Substring) -> [UInt8] {
        var output: [UInt8] = []
        PercentEncoding.append(PercentEncoding.decode(text), to: &output)
        return output
    }
}
