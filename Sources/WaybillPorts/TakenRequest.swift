package import WaybillCore

/// What an operator asks the workers for, as one of them takes it.
package enum TakenRequest: Hashable, Sendable {
    /// Who asked, and why.
    package struct Origin: Hashable, Sendable {
        package var id: Int64
        /// The database role that asked.
        package var name: String
        package var reason: String

        package init(id: Int64, name: String, reason: String) {
            self.id = id
            self.name = name
            self.reason = reason
        }
    }

    case delivery(OperatorRequest)
    /// A message of the quarantine, ``QuarantineEntry/id``, is to be taken as if it had just arrived.
    case requeue(entry: Int64, Origin)
    /// An address, as it was typed, is to be written to again.
    case unsuppress(email: String, Origin)

    package var origin: Origin {
        switch self {
        case .delivery(let request): Origin(id: request.id, name: request.name, reason: request.reason)
        case .requeue(_, let origin), .unsuppress(_, let origin): origin
        }
    }

    package var id: Int64 { origin.id }

    /// What is asked about a delivery, nil for what is about something else.
    package var operatorRequest: OperatorRequest? {
        if case .delivery(let request) = self { request } else { nil }
    }
}
