import WaybillPorts

struct RedriveReport: Hashable, Sendable {
    /// Sent to their queue.
    var moved = 0
    /// Of those, still in the dead-letter queue too.
    var left = 0
    /// Only counted; nil when they were moved.
    var waiting: Int?
    /// What ended it early.
    var failure: QueueError?
}

/// Moves messages out of a dead-letter queue: each is sent before it is deleted.
struct RedriveRun: Sendable {
    /// SQS gives at most so many.
    private static let batch = 10
    /// How long a receive waits: SQS asks all its servers only when it waits.
    private static let wait = Duration.seconds(1)
    /// A standard queue may answer with nothing although something is there.
    private static let emptyReceives = 2

    let dead: any MessageQueue
    let limit: Int
    let send: @Sendable (String) async throws(QueueError) -> Void

    func run() async -> RedriveReport {
        var report = RedriveReport()
        do throws(QueueError) {
            var empty = 0
            while report.moved < limit, empty < Self.emptyReceives {
                let messages = try await dead.receive(limit: min(Self.batch, limit - report.moved), wait: Self.wait)
                empty = messages.isEmpty ? empty + 1 : 0
                try await move(messages, &report)
            }
        } catch {
            report.failure = error
        }
        return report
    }

    /// What was sent is deleted also when sending the next one fails.
    private func move(_ messages: [QueueMessage], _ report: inout RedriveReport) async throws(QueueError) {
        var sent: [MessageReceipt] = []
        var failure: QueueError?
        for message in messages {
            do throws(QueueError) {
                try await send(message.body)
                sent.append(message.receipt)
            } catch {
                failure = error
                break
            }
        }
        report.moved += sent.count
        guard !sent.isEmpty else {
            if let failure { throw failure }
            return
        }
        do throws(QueueError) {
            report.left += try await dead.delete(sent).count
        } catch {
            report.left += sent.count
            throw error
        }
        if let failure { throw failure }
    }
}
