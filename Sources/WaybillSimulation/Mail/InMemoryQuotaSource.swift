import Synchronization
package import WaybillPorts

/// SES GetAccount in memory: answers with what it was told last.
package final class InMemoryQuotaSource: QuotaSource {
    private let answer: Mutex<Result<SendingAccount, QuotaError>>

    package init(_ account: SendingAccount) {
        answer = Mutex(.success(account))
    }

    /// Answers with this from now on.
    package func set(_ answer: Result<SendingAccount, QuotaError>) {
        self.answer.withLock { $0 = answer }
    }

    package func account() throws(QuotaError) -> SendingAccount {
        try answer.withLock { $0 }.get()
    }
}
