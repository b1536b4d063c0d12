"""What the local AWS says would be on the bill."""

from __future__ import annotations

import typing

import pytest

from mail import Mailbox
from server import LocalAWS


def _rows(aws: LocalAWS, resource: str) -> dict[tuple[str, str], dict[str, typing.Any]]:
    rows = aws.control("GET", f"usage?resource={resource}")
    return {(row["operation"], row["resource"]): row for row in rows}


def test_queues_and_topics_are_counted_by_64_kib(aws: LocalAWS) -> None:
    sqs, sns = aws.client("sqs"), aws.client("sns")
    queue = sqs.create_queue(QueueName="bills")["QueueUrl"]
    sqs.receive_message(QueueUrl=queue)
    sqs.send_message(QueueUrl=queue, MessageBody="x" * 70_000)
    sqs.receive_message(QueueUrl=queue)
    with pytest.raises(sqs.exceptions.ClientError):
        sqs.delete_message(QueueUrl=queue, ReceiptHandle="no receipt")
    topic = sns.create_topic(Name="bills")["TopicArn"]
    entries = [{"Id": str(number), "Message": "ä" * 30_000} for number in range(3)]
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    rows = _rows(aws, "bills")
    assert {name: (row["requests"], row["chunks"]) for (name, _), row in rows.items()} == {
        "CreateQueue": (1, 1), "ReceiveMessage": (2, 3), "SendMessage": (1, 2), "DeleteMessage": (1, 1),
        "CreateTopic": (1, 1), "PublishBatch": (1, 3),
    }


def test_a_table_and_its_indexes_are_counted_apart_and_a_refusal_by_its_items_size(aws: LocalAWS) -> None:
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName="bills", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "email")],
        GlobalSecondaryIndexes=[{
            "IndexName": "byEmail", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
        }],
    )
    item = {"pk": {"S": "1"}, "email": {"S": "a@b.c"}, "text": {"S": "x" * 1500}}
    put = {"TableName": "bills", "Item": item, "ReturnConsumedCapacity": "INDEXES"}
    dynamodb.put_item(**put)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(
            **put, ConditionExpression="attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure="ALL_OLD"
        )
    dynamodb.get_item(TableName="bills", Key={"pk": {"S": "1"}}, ConsistentRead=True, ReturnConsumedCapacity="INDEXES")
    rows = _rows(aws, "bills")
    assert (rows["PutItem", "bills"]["requests"], rows["PutItem", "bills"]["write_units"]) == (2, 4)
    assert rows["PutItem", "bills/byEmail"]["write_units"] == 1
    assert rows["GetItem", "bills"]["read_units"] >= 1
    assert all(row["requests"] == 0 for (_, resource), row in rows.items() if "/" in resource)


def test_an_email_is_billed_when_it_is_accepted_also_if_nobody_hears_of_it(mailbox: Mailbox) -> None:
    mailbox.send("success@simulator.amazonses.com")
    fault = {"service": "ses", "operation": "SendEmail", "kind": "error", "status": 429, "type": "Throttling", "count": 1}
    for phase in ("after", "before"):
        mailbox.aws.control("POST", "faults", [{**fault, "phase": phase}])
        with pytest.raises(mailbox.ses.exceptions.ClientError):
            mailbox.send("success@simulator.amazonses.com")
    row = _rows(mailbox.aws, mailbox.name)["SendEmail", mailbox.name]
    assert (row["requests"], row["recipients"]) == (3, 2)


def test_what_ses_publishes_is_billed_as_requests_of_the_topic(mailbox: Mailbox) -> None:
    mailbox.send("complaint@simulator.amazonses.com")
    mailbox.events(3)
    row = _rows(mailbox.aws, mailbox.name)["Publish", mailbox.name]
    assert (row["requests"], row["chunks"]) == (3, 3)


def test_an_event_is_billed_as_often_as_ses_publishes_it(mailbox: Mailbox) -> None:
    faults = [{"event": "Send", "kind": "lose"}, {"event": "Delivery", "kind": "duplicate"}]
    mailbox.aws.control("POST", "faults", faults)
    mailbox.send("success@simulator.amazonses.com")
    mailbox.events(2)
    row = _rows(mailbox.aws, mailbox.name)["Publish", mailbox.name]
    assert (row["requests"], row["chunks"]) == (2, 2)


def test_metrics_are_taken_and_read_back(aws: LocalAWS) -> None:
    cloudwatch = aws.client("cloudwatch")
    dimensions = [{"Name": "Environment", "Value": "test"}]
    cloudwatch.put_metric_data(
        Namespace="Bills", MetricData=[{"MetricName": "Sent", "Dimensions": dimensions, "Value": 3, "Unit": "Count"}]
    )
    metrics = cloudwatch.list_metrics(Namespace="Bills")["Metrics"]
    assert [(metric["MetricName"], metric["Dimensions"]) for metric in metrics] == [("Sent", dimensions)]
    assert _rows(aws, "Bills")["PutMetricData", "Bills"]["requests"] == 1


@pytest.mark.parametrize("plan", ["NONE", "PRO", None])
def test_the_account_says_how_it_is_paid(aws: LocalAWS, plan: str | None) -> None:
    account = aws.client("sesv2").get_account
    assert account()["PricingAttributes"]["CurrentPlan"] == "ESSENTIALS"
    aws.control("POST", "settings", {"pricing_plan": plan})
    assert account().get("PricingAttributes", {}).get("CurrentPlan") == plan
    with pytest.raises(ValueError, match="pricing_plan must be one of"):
        aws.control("POST", "settings", {"pricing_plan": "FREE"})


def test_a_reset_forgets_the_bill(aws: LocalAWS) -> None:
    aws.client("sqs").create_queue(QueueName="bills")
    assert _rows(aws, "bills")
    aws.control("POST", "reset")
    assert not _rows(aws, "bills")
