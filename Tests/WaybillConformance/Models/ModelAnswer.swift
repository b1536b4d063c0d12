import WaybillPorts

/// What an implementation answered to one operation: a value, or the error's code. Messages of errors are its own.
package struct ModelAnswer: Hashable, Sendable, CustomStringConvertible {
    private let value: any Hashable & Sendable

    package init(_ value: some Hashable & Sendable) {
        self.value = value
    }

    /// Of an operation that answers nothing.
    static let done = ModelAnswer("done")
    /// Of an operation that needs what the run has not brought about yet.
    static let nothingToAskAbout = ModelAnswer("nothing to ask about")

    static func failed(_ error: any Error) -> ModelAnswer {
        switch error {
        case let error as StoreError: ModelAnswer("failed: \(error.code)")
        case let error as LedgerError: ModelAnswer("failed: \(error.code)")
        case let error as QueueError: ModelAnswer("failed: \(error.code)")
        default: ModelAnswer("failed: \(error)")
        }
    }

    package static func == (left: ModelAnswer, right: ModelAnswer) -> Bool {
        AnyHashable(left.value) == AnyHashable(right.value)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(value)) }

    package var description: String { plain(value) }
}

/// Without the names of modules, which say nothing to the reader of a failure.
func plain(_ value: Any) -> String {
    ["WaybillConformance.", "WaybillCore.", "WaybillPorts.", "Swift."].reduce("\(value)") { text, name in
        text.replacing(name, with: "")
    }
}
