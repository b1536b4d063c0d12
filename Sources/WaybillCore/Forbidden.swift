// Names by which time, chance and unstructured tasks come in unasked, shadowed for the whole module: a use does not
// compile. Whoever needs them asks the `Environment` or takes them as arguments, so that the simulation decides them.
// The files of this name in WaybillPorts and WaybillCluster are links to this one.
//
// An unavailable function loses against the library's of the same shape; a deprecated one wins, and is an error too,
// because warnings are.

/// The compiler names it where time or chance is asked for past the `Environment`.
enum AskTheEnvironment {}

/// The compiler names it where a thread of its own is asked for.
enum UseATaskGroup {}

/// What may be asked of the task that runs.
enum Task {
    static var isCancelled: Bool { _Concurrency.Task<Never, Never>.isCancelled }

    static func checkCancellation() throws(CancellationError) {
        if isCancelled { throw CancellationError() }
    }

    @available(*, unavailable, message: "an unstructured task leaves the simulation: use a task group")
    init(priority: TaskPriority? = nil, operation: () async throws -> Void) { preconditionFailure("does not compile") }

    @available(*, unavailable, message: "an unstructured task leaves the simulation: use a task group")
    static func detached(priority: TaskPriority? = nil, operation: () async throws -> Void) {}

    @available(*, unavailable, message: "time is injected: sleep through the Environment")
    static func sleep(for duration: Duration) async throws {}

    @available(*, unavailable, message: "time is injected: sleep through the Environment")
    static func sleep(nanoseconds: UInt64) async throws {}
}

@available(*, unavailable, message: "time is injected: ask the Environment")
typealias ContinuousClock = AskTheEnvironment
@available(*, unavailable, message: "time is injected: ask the Environment")
typealias SuspendingClock = AskTheEnvironment
@available(*, unavailable, message: "time is injected: ask the Environment")
typealias Date = AskTheEnvironment
@available(*, unavailable, message: "time is injected: sleep through the Environment")
typealias Timer = AskTheEnvironment
@available(*, unavailable, message: "chance is injected: ask the Environment")
typealias SystemRandomNumberGenerator = AskTheEnvironment
@available(*, unavailable, message: "chance is injected: ask the Environment")
typealias UUID = AskTheEnvironment
@available(*, unavailable, message: "threads leave the simulation: use a task group")
typealias DispatchQueue = UseATaskGroup
@available(*, unavailable, message: "threads leave the simulation: use a task group")
typealias OperationQueue = UseATaskGroup
@available(*, unavailable, message: "threads leave the simulation: use a task group")
typealias Thread = UseATaskGroup

extension Clock where Self == _Concurrency.ContinuousClock {
    @available(*, deprecated, message: "time is injected: ask the Environment")
    static var continuous: Self { preconditionFailure("does not compile") }
}

extension Clock where Self == _Concurrency.SuspendingClock {
    @available(*, deprecated, message: "time is injected: ask the Environment")
    static var suspending: Self { preconditionFailure("does not compile") }
}

extension FixedWidthInteger {
    @available(*, deprecated, message: "chance is injected: name the generator")
    static func random(in range: Range<Self>) -> Self { preconditionFailure("does not compile") }

    @available(*, deprecated, message: "chance is injected: name the generator")
    static func random(in range: ClosedRange<Self>) -> Self { preconditionFailure("does not compile") }
}

extension BinaryFloatingPoint where RawSignificand: FixedWidthInteger {
    @available(*, deprecated, message: "chance is injected: name the generator")
    static func random(in range: Range<Self>) -> Self { preconditionFailure("does not compile") }

    @available(*, deprecated, message: "chance is injected: name the generator")
    static func random(in range: ClosedRange<Self>) -> Self { preconditionFailure("does not compile") }
}

extension Bool {
    @available(*, deprecated, message: "chance is injected: name the generator")
    static func random() -> Bool { preconditionFailure("does not compile") }
}

extension Sequence {
    @available(*, deprecated, message: "chance is injected: name the generator")
    func shuffled() -> [Element] { preconditionFailure("does not compile") }
}

extension MutableCollection where Self: RandomAccessCollection {
    @available(*, deprecated, message: "chance is injected: name the generator")
    mutating func shuffle() { preconditionFailure("does not compile") }
}

extension Collection {
    @available(*, deprecated, message: "chance is injected: name the generator")
    func randomElement() -> Element? { preconditionFailure("does not compile") }
}
