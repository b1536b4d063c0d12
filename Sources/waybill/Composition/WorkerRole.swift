/// What a worker does. One that lacks a role does nothing of it: without `leader` it never stands, without `send` it claims
/// no job to send. The lease, operators' requests and status notices are every worker's.
enum WorkerRole: String, CaseIterable, Sendable {
    case ingest, send, feedback, leader

    var purpose: String {
        switch self {
        case .ingest: "takes orders from SQS"
        case .send: "claims jobs and sends their emails"
        case .feedback: "applies SES's events"
        case .leader: "stands for the leadership"
        }
    }

    /// For messages: `ingest, send, feedback, leader`.
    static var words: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// As the setting has it: all of them.
    static var fallback: String { allCases.map(\.rawValue).joined(separator: ",") }

    static var help: String {
        let purposes = allCases.map { "\($0.rawValue) (\($0.purpose))" }.joined(separator: ", ")
        return "what this worker does, separated by commas: any of \(purposes)"
    }

    /// Reads `ingest,send`.
    static func parse(_ text: String) throws(SettingsError) -> Set<WorkerRole> {
        var roles: Set<WorkerRole> = []
        for word in text.split(separator: ",") {
            let name = String(word.filter { $0 != " " })
            guard let role = WorkerRole(rawValue: name) else {
                throw SettingsError(.roles, "any of \(words); found '\(name)'")
            }
            roles.insert(role)
        }
        guard !roles.isEmpty else { throw SettingsError(.roles, "at least one of \(words)") }
        return roles
    }
}
