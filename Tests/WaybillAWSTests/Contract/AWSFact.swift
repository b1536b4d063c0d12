/// What Waybill's promises rest on and only AWS can keep, with where AWS says so. Each has a contract that names it.
enum AWSFact: String {
    case oneWinner = """
        Of conditional writes of one item at the same time exactly one succeeds; the others are refused and get the item \
        (DynamoDB: PutItem and UpdateItem are atomic; ReturnValuesOnConditionCheckFailure)
        """
    case ownWriteIsRecognised = """
        A conditional write that is repeated after a lost answer is refused, and the item that comes with the refusal is \
        the writer's own (DynamoDB: ReturnValuesOnConditionCheckFailure ALL_OLD)
        """
    case pagesAreComplete = """
        Query and Scan give every item once, page by page (DynamoDB: LastEvaluatedKey, ExclusiveStartKey)
        """
    case expiredItemsAreStillThere = """
        An item whose time to live is over may be read for days, so readers filter it (DynamoDB: How TTL works)
        """
    case batchesFailInParts = """
        A batch answers 200 and names the entries that failed; the others are done (SQS: DeleteMessageBatch)
        """
    case receivedMessagesHide = """
        A message that was received is hidden for its visibility timeout and then comes again with a higher receive \
        count (SQS: Visibility timeout)
        """
    case poisonGoesAside = """
        After maxReceiveCount receives a message goes to the dead-letter queue (SQS: RedrivePolicy)
        """
    case bodiesArriveUnchanged = """
        SNS hands SQS the message as it was published: bare with RawMessageDelivery, else as Message of its envelope \
        (SNS: Raw message delivery)
        """
    case metricsAddUp = """
        Metrics of one name and the same dimensions are added up, whoever puts them; a wrong one is refused with its \
        request (CloudWatch: PutMetricData)
        """
}
