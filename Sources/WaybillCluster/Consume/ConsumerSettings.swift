/// The limits of a consumer of an SQS queue.
package struct ConsumerSettings: Hashable, Sendable {
    /// Receives at once. Each empty long poll costs a request every `wait`.
    package var pollers: Int
    /// Messages a receive: SQS gives at most 10.
    package var batch: Int
    /// The long poll: SQS waits at most 20 s.
    package var wait: Duration

    package init(pollers: Int = 2, batch: Int = 10, wait: Duration = .seconds(20)) {
        self.pollers = pollers
        self.batch = batch
        self.wait = wait
    }
}
