import WaybillCore

/// A JSON object of strings on one line, for logs.
enum JSONLine {
    static func object(_ members: [(String, String)]) -> String {
        JSON.object(members.map { JSON.Member($0.0, .string($0.1)) }).description
    }
}
