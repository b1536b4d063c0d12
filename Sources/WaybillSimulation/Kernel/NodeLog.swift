import Logging
import WaybillCore

/// A process's log as part of the world's trace; without a trace nothing is written.
struct NodeLog: LogHandler {
    let node: SimulatedNode
    let simulator: Simulator
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        simulator.tell("\(event.level): \(event.message) \(values.joined(separator: " "))", by: node)
    }
}

extension SimulatedNode {
    /// Everything when a trace is kept, else nothing.
    var logger: Logger {
        let log = NodeLog(node: self, simulator: simulator, logLevel: simulator.keepsTrace ? .debug : .critical)
        return Logger(label: name) { _ in log }
    }
}
