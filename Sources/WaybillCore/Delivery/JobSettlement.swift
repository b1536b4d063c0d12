/// What becomes of a leased job.
package struct JobSettlement: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        /// T11: to the history, with the record's status.
        case finished(status: String, messageID: String?)
        /// Ready again after so long, counted from the store's now.
        case released(after: Duration, reason: String)
        /// Too old to be sent without asking: an operator releases or cancels it.
        case held(reason: String)
        /// T6: nobody may claim it; the sweep looks at it at `until` (the store's clock).
        case inDoubt(attempt: AttemptID?, until: Timestamp, reason: String)
        /// The payload contradicts the record: out of the hot table into the quarantine, in the same commit.
        case conflict(reason: String)
    }

    package var job: Int64
    package var epoch: Epoch
    package var verdict: Verdict

    package init(job: Int64, epoch: Epoch, verdict: Verdict) {
        self.job = job
        self.epoch = epoch
        self.verdict = verdict
    }
}

/// A job that the sweep looks at: in doubt, or unconfirmed before and looked at again.
package struct InDoubtJob: Hashable, Sendable {
    package var id: Int64
    package var delivery: DeliveryID
    package var epoch: Epoch
    /// The sweep called it unconfirmed before, and an operator knows of it.
    package var isUnconfirmed: Bool

    package init(id: Int64, delivery: DeliveryID, epoch: Epoch, isUnconfirmed: Bool = false) {
        self.id = id
        self.delivery = delivery
        self.epoch = epoch
        self.isUnconfirmed = isUnconfirmed
    }
}

package struct InDoubtVerdict: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case finished(status: String, messageID: String?)
        case ready
        /// The record is UNCONFIRMED; the job stays for the operator. The record is looked at again at that time: late
        /// evidence or a late withdrawal may have moved it on after its hint was given.
        case unconfirmed(reason: String, lookAgain: Timestamp)
        /// In doubt; look again at that time.
        case later(Timestamp)
    }

    package var job: InDoubtJob
    package var verdict: Verdict

    package init(job: InDoubtJob, verdict: Verdict) {
        self.job = job
        self.verdict = verdict
    }
}
