"""A month's bill, reckoned a second time: from what the services of a simulated month say they did, and the price book.

    month_bill.py --bill FILE --usage-log FILE --prices FOLDER

`--bill` is the last line of `waybill simulate --month`, `--usage-log` what it wrote beside. Nothing of Waybill's own pricing is
used or imitated: amounts are fractions, and a tier is a pair of numbers. The total and every meter, in use and in dollars,
must be within 1 % of what the leader reckoned. A line of JSON says by how much they differ; the exit is 0 only then.
"""

import argparse
import collections
import datetime
import fractions
import json
import pathlib
import sys

F = fractions.Fraction

TOLERANCE = F(1, 100)
# Of a meter that counts a handful (the alerts of a month), one lost answer is more than a hundredth; and dollars are rounded.
FEWEST_UNITS = F(3)
SMALLEST_DOLLARS = F(1, 100_000)

# A worker of the simulated month, on Fargate: half a processor and a gigabyte.
PROCESSORS = F(1, 2)
GIGABYTES = F(1)
HOUR = F(3600 * 1_000_000)

# What each of the services' operations is billed as, and how much of the meter's unit one of its amounts is.
METERS = {
    "SES.SendEmail": [("ses.recipients", F(1))],
    "DynamoDB.UpdateItem": [("dynamodb.write-units", F(1, 1000))],
    "DynamoDB.GetItem": [("dynamodb.read-units", F(1, 1000))],
    "DynamoDB.Query": [("dynamodb.read-units", F(1, 1000))],
    "DynamoDB.Scan": [("dynamodb.read-units", F(1, 1000))],
    "SQS.ReceiveMessage": [("sqs.requests", F(1))],
    "SQS.DeleteMessageBatch": [("sqs.requests", F(1))],
    "SQS.ChangeMessageVisibilityBatch": [("sqs.requests", F(1))],
    "SQS.GetQueueAttributes": [("sqs.requests", F(1))],
    "SNS.Publish": [("sns.requests", F(1))],
    "CloudWatch.PutMetricData": [("cloudwatch.requests", F(1))],
    "Fargate.Run": [
        ("fargate.arm-cpu-hours", PROCESSORS / HOUR),
        ("fargate.arm-memory-gigabyte-hours", GIGABYTES / HOUR),
    ],
}
STANDING = "Standing"


def used(lines, month):
    """How much of each meter's unit the lines of a month's log come to."""
    units = collections.defaultdict(F)
    for line in lines:
        if not line["hour"].startswith(month + "-"):
            continue
        operation = line["operation"]
        billed = [(line["resource"], F(1, 1000))] if operation == STANDING else METERS[operation]
        for meter, share in billed:
            units[meter] += line["amount"] * share
    return units


def hours_in(month):
    first = datetime.date.fromisoformat(month + "-01")
    after = (first + datetime.timedelta(days=32)).replace(day=1)
    return (after - first).days * 24


def newest_book(folder, region, month):
    """The newest price book of the region that is not after the month."""
    books = [json.loads(path.read_text()) for path in pathlib.Path(folder).glob("*.json")]
    return max(
        (book for book in books if book["region"] == region and book["asOf"][:7] <= month),
        key=lambda book: book["asOf"],
    )


def price_of(book, meter, plan):
    for price in book["prices"]:
        if price["meter"] == meter and price.get("plan", plan) == plan:
            return price
    raise LookupError(f"the book of {book['region']} has no price of {meter} in the plan {plan}")


def cost(units, price, hours, is_free):
    """Dollars for so many units of a month: what lies in each tier, the first ones free."""
    if price["per"] == "month":
        count, each = units / hours, F(1)
    else:
        count, each = units, F(price["per"])
    free = F(price.get("free", 0)) if is_free else F(0)
    total, start = F(0), F(0)
    for tier in price["tiers"]:
        end = F(tier["upTo"]) if "upTo" in tier else max(count, start)
        paid = min(count, end) - max(start, free)
        total += max(paid, F(0)) * F(tier["dollars"]) / each
        start = end
    if count > start:
        raise LookupError(f"{price['meter']}: no price is known beyond {start}")
    return total


def reckon(lines, bill, book):
    """Units and dollars by meter."""
    month = bill["month"]
    is_free = bill["freeTier"] == "whole"
    return {
        meter: (units, cost(units, price_of(book, meter, bill["plan"]), hours_in(month), is_free))
        for meter, units in used(lines, month).items()
    }


def is_close(left, right, smallest):
    return abs(left - right) <= max(TOLERANCE * max(abs(left), abs(right)), smallest)


def differences(bill, own):
    """What differs by more than is allowed, in words."""
    theirs = {line["meter"]: (F(line["thousandths"], 1000), F(line["dollars"])) for line in bill["meters"]}
    found = []
    for meter in sorted(theirs.keys() | own.keys()):
        (units, dollars), (own_units, own_dollars) = theirs.get(meter, (F(0), F(0))), own.get(meter, (F(0), F(0)))
        if not is_close(units, own_units, FEWEST_UNITS):
            found.append(f"{meter}: {float(units)} used by the leader's count, {float(own_units)} by the services'")
        if not is_close(dollars, own_dollars, SMALLEST_DOLLARS):
            found.append(f"{meter}: ${float(dollars):.6f} by the leader, ${float(own_dollars):.6f} here")
    total = sum(dollars for _, dollars in own.values())
    if not is_close(F(bill["dollars"]), total, SMALLEST_DOLLARS):
        found.append(f"total: ${bill['dollars']} by the leader, ${float(total):.6f} here")
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--bill", required=True)
    options.add_argument("--usage-log", required=True)
    options.add_argument("--prices", required=True)
    asked = options.parse_args()
    bill = json.loads(pathlib.Path(asked.bill).read_text().splitlines()[-1])
    lines = [json.loads(line) for line in pathlib.Path(asked.usage_log).read_text().splitlines()]
    own = reckon(lines, bill, newest_book(asked.prices, bill["region"], bill["month"]))
    found = differences(bill, own)
    total = sum(dollars for _, dollars in own.values())
    said = {
        "month": bill["month"],
        "leader": bill["dollars"],
        "reckoned": f"{float(total):.6f}",
        "percent": round(float((F(bill["dollars"]) - total) / total * 100), 4),
        "meters": {
            line["meter"]: round(float((F(line["thousandths"], 1000) / own[line["meter"]][0] - 1) * 100), 4)
            for line in bill["meters"]
            if line["meter"] in own
        },
    }
    print(json.dumps(said))
    for difference in found:
        print(f"month_bill: {difference}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
