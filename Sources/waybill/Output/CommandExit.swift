import WaybillAWS
import WaybillPorts

/// The exit codes of every command.
enum CommandExit: Int32, CaseIterable, Hashable, Sendable {
    case ok = 0
    case failed = 1
    case usage = 2
    case notFound = 3
    case unreachable = 4

    var meaning: String {
        switch self {
        case .ok: "done"
        case .failed: "done in part or not at all; standard error names what failed"
        case .usage: "wrong usage, or a setting is missing or wrong"
        case .notFound: "nothing is known of what was asked for"
        case .unreachable: "PostgreSQL or AWS did not answer or put us off; try again"
        }
    }

    /// The paragraph of `waybill --help`.
    static let discussion = """
        EXIT CODES
        \(allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))
        """
}

/// A command's end other than `ok`, and what to tell.
struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
    let exit: CommandExit
    let message: String

    init(_ exit: CommandExit, _ message: String) {
        self.exit = exit
        self.message = message
    }

    var description: String { message }
}

extension CommandFailure {
    /// What an error means for the person at the command line; nil for errors that are not ours.
    init?(_ error: any Error) {
        switch error {
        case let error as CommandFailure: self = error
        case let error as LedgerError: self.init(error.commandExit, error.description)
        case let error as StoreError: self.init(error.commandExit, error.description)
        case let error as QueueError: self.init(error.commandExit, error.description)
        case let error as AWSError: self.init(error.commandExit, error.description)
        case let error as SettingsError: self.init(.usage, error.description)
        default: return nil
        }
    }
}

extension LedgerError {
    fileprivate var commandExit: CommandExit {
        switch code {
        case .unanswered, .unavailable: .unreachable
        case .signatureExpired, .rejected, .malformedRecord, .cancelled: .failed
        }
    }
}

extension StoreError {
    fileprivate var commandExit: CommandExit {
        switch code {
        case .unavailable, .transient, .overloaded: .unreachable
        case .rejected, .cancelled, .deposed: .failed
        }
    }
}

extension QueueError {
    fileprivate var commandExit: CommandExit {
        switch code {
        case .unavailable: .unreachable
        case .rejected, .cancelled: .failed
        }
    }
}

extension AWSError {
    var commandExit: CommandExit {
        switch code {
        case .configuration, .credentials: .usage
        case .unanswered, .notSent: .unreachable
        case .refused: kind == .throttled ? .unreachable : .failed
        case .cancelled: .failed
        }
    }
}
