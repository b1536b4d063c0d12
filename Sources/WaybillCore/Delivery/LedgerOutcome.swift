/// How the delivery record answered a transition.
package enum LedgerOutcome: Hashable, Sendable {
    /// The write happened. `before` is nil when it created the item.
    case applied(before: DeliveryRecord?, after: DeliveryRecord)
    /// The condition did not hold for the item that is there, nil for none.
    case refused(DeliveryRecord?)
}
