/// Every name that Waybill uses in an AWS account, from one place. The account and the region are the credentials'.
struct ResourceNames: Sendable {
    let ordersTopic: String
    let ordersQueue: String
    let ordersDeadLetterQueue: String
    /// What SNS could not deliver to the queue: not the same as what the workers could not handle.
    let ordersSubscriptionDeadLetterQueue: String
    let feedbackTopic: String
    let feedbackQueue: String
    let feedbackDeadLetterQueue: String
    let feedbackSubscriptionDeadLetterQueue: String
    let table: String
    let statusTopic: String
    let costAlertsTopic: String
    let configurationSet: String

    init(environment: String) {
        ordersTopic = "order-confirmations-\(environment)"
        ordersQueue = "waybill-orders-\(environment)"
        ordersDeadLetterQueue = "waybill-orders-dlq-\(environment)"
        ordersSubscriptionDeadLetterQueue = "waybill-orders-undelivered-\(environment)"
        feedbackTopic = "ses-feedback-\(environment)"
        feedbackQueue = "waybill-feedback-\(environment)"
        feedbackDeadLetterQueue = "waybill-feedback-dlq-\(environment)"
        feedbackSubscriptionDeadLetterQueue = "waybill-feedback-undelivered-\(environment)"
        table = "email-deliveries-\(environment)"
        statusTopic = "delivery-status-\(environment)"
        costAlertsTopic = "cost-alerts-\(environment)"
        configurationSet = "order-confirmations-\(environment)"
    }
}
