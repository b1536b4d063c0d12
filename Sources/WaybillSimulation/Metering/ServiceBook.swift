import Synchronization
package import WaybillCore

/// What the services of a metered world did, by their own count, hour by hour: the other side of what the processes say they
/// used. It also holds what nobody reported, because an answer was lost or a process was killed.
package final class ServiceBook: Sendable {
    package struct Entry: Hashable, Sendable {
        package let hour: BillingHour
        package let operation: ServiceOperation
        /// The queue, the table, the index, ...; empty where that says nothing.
        package let resource: String
        package let calls: Int64
        /// In the operation's unit.
        package let amount: Int64
    }

    private struct Key: Hashable {
        let hour: BillingHour
        let operation: ServiceOperation
        let resource: String
    }

    private struct Sum {
        var calls: Int64 = 0
        var amount: Int64 = 0

        mutating func add(_ amount: Int64) {
            calls += 1
            self.amount += amount
        }
    }

    private struct State {
        var sums: [Key: Sum] = [:]
        /// The processes that run, and since when.
        var running: [String: Timestamp] = [:]
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Timestamp

    init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    func did(_ operation: ServiceOperation, of resource: String = "", _ amount: Int64) {
        let key = Key(hour: BillingHour(now()), operation: operation, resource: resource)
        state.withLock { $0.sums[key, default: Sum()].add(amount) }
    }

    func started(_ process: String) {
        let now = now()
        state.withLock { $0.running[process] = now }
    }

    /// Its time counts in each hour in which it ran. Ending what has ended is a legal race of a drain and a kill.
    func ended(_ process: String) {
        let now = now()
        state.withLock { state in
            guard var from = state.running.removeValue(forKey: process) else { return }
            while from < now {
                let hour = BillingHour(from)
                let until = min(now, hour.advanced(by: 1).start)
                let key = Key(hour: hour, operation: .run, resource: "worker")
                state.sums[key, default: Sum()].add((until - from).wholeMicroseconds)
                from = until
            }
        }
    }

    /// The world is over.
    func close() {
        for process in state.withLock({ $0.running.keys.sorted() }) { ended(process) }
    }

    /// By hour, operation and resource.
    package var entries: [Entry] {
        state.withLock(\.sums)
            .map { key, sum in
                Entry(
                    hour: key.hour,
                    operation: key.operation,
                    resource: key.resource,
                    calls: sum.calls,
                    amount: sum.amount
                )
            }
            .sorted {
                ($0.hour, $0.operation.rawValue, $0.resource) < ($1.hour, $1.operation.rawValue, $1.resource)
            }
    }
}

extension ServiceBook.Entry {
    /// A line of the log.
    package var json: JSON {
        .object([
            JSON.Member("hour", .string(hour.start.rfc3339)),
            JSON.Member("operation", .string(operation.rawValue)),
            JSON.Member("resource", .string(resource)),
            JSON.Member("calls", .number(String(calls))),
            JSON.Member("amount", .number(String(amount))),
            JSON.Member("unit", .string(operation.unit)),
        ])
    }
}
