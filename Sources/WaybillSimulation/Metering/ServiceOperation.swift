/// What a service of a metered world does and bills. The raw value is its name in the log.
package enum ServiceOperation: String, CaseIterable, Hashable, Sendable {
    /// An accepted email.
    case sendEmail = "SES.SendEmail"
    case updateItem = "DynamoDB.UpdateItem"
    case getItem = "DynamoDB.GetItem"
    case query = "DynamoDB.Query"
    case scan = "DynamoDB.Scan"
    case receiveMessage = "SQS.ReceiveMessage"
    case deleteMessageBatch = "SQS.DeleteMessageBatch"
    case changeMessageVisibilityBatch = "SQS.ChangeMessageVisibilityBatch"
    case getQueueAttributes = "SQS.GetQueueAttributes"
    case publish = "SNS.Publish"
    case putMetricData = "CloudWatch.PutMetricData"
    /// A worker's process has run.
    case run = "Fargate.Run"
    /// What is there and no worker tells of; the resource is its meter.
    case stand = "Standing"

    /// What the log's amounts are of.
    var unit: String {
        switch self {
        case .sendEmail: "recipient"
        case .updateItem, .getItem, .query, .scan: "thousandth of a unit"
        case .receiveMessage, .deleteMessageBatch, .changeMessageVisibilityBatch, .getQueueAttributes, .publish,
            .putMetricData:
            "request"
        case .run: "microsecond"
        case .stand: "thousandth of a unit"
        }
    }
}
