package import WaybillCore

/// Deliberate copies of confirmations: the jobs' side of them.
package protocol CopyStore: Sendable {
    /// The order of a delivery as it was received, from its job or the newest row of its history; nil when none is kept.
    func payload(of delivery: DeliveryID) async throws(StoreError) -> String?

    /// Makes the job of a copy, in one commit with the note of it on its request: the same request never makes a second
    /// one. The number is the next that no copy of the order has, `leastNumber` at least.
    func makeCopy(_ copy: NewCopy, leastNumber: Int) async throws(StoreError) -> CopyOutcome

    /// The copies that requests about a confirmation have made, sent or not.
    func copies(of confirmation: DeliveryID) async throws(StoreError) -> [DeliveryID]
}

package struct NewCopy: Hashable, Sendable {
    /// The operator's request: what makes repeats of one into one copy.
    package var request: Int64
    /// The delivery that it is a copy of.
    package var confirmation: DeliveryID
    /// The order with the copy's address.
    package var payload: String
    package var payloadHash: PayloadHash
    package var email: String
    package var note: String

    package init(
        request: Int64,
        confirmation: DeliveryID,
        payload: String,
        payloadHash: PayloadHash,
        email: String,
        note: String
    ) {
        self.request = request
        self.confirmation = confirmation
        self.payload = payload
        self.payloadHash = payloadHash
        self.email = email
        self.note = note
    }
}

package enum CopyOutcome: Hashable, Sendable {
    /// The request's copy, made now or when the request was performed before.
    case made(DeliveryID)
    /// This copy of the same order has not ended yet.
    case busy(DeliveryID)
    /// The order has as many copies as there may be.
    case full
    /// The request is not waiting: another worker has ended it.
    case gone
}
