"""The second reckoning itself, on sums that were worked out by hand."""

import copy
import fractions

import month_bill
import pytest

F = fractions.Fraction
TIERED = {
    "meter": "ses.recipients",
    "per": 1000,
    "tiers": [{"upTo": 10_000, "dollars": "0.16"}, {"upTo": 20_000, "dollars": "0.14"}, {"dollars": "0.11"}],
}
BOOK = {
    "region": "us-east-1",
    "asOf": "2026-11-27",
    "prices": [
        TIERED | {"plan": "essentials"},
        TIERED | {"plan": "a-la-carte", "tiers": [{"dollars": "0.10"}]},
        {"meter": "kms.key-hours", "per": "month", "free": 1, "tiers": [{"dollars": "3"}]},
        {"meter": "fargate.arm-cpu-hours", "per": 1, "tiers": [{"dollars": "0.04"}]},
        {"meter": "fargate.arm-memory-gigabyte-hours", "per": 1, "tiers": [{"dollars": "0.004"}]},
    ],
}


def line(operation, amount, resource="", hour="2027-02-03T04:00:00.000Z"):
    return {"hour": hour, "operation": operation, "resource": resource, "calls": 1, "amount": amount}


@pytest.mark.parametrize(
    ("units", "dollars"),
    [(0, "0"), (5_000, "0.8"), (10_000, "1.6"), (15_000, "2.3"), (20_000, "3"), (30_000, "4.1")],
)
def test_what_lies_in_a_tier_has_the_tiers_price(units, dollars):
    assert month_bill.cost(F(units), TIERED, 672, is_free=True) == F(dollars)


@pytest.mark.parametrize(
    ("units", "dollars", "dollars_when_nothing_is_free"),
    [(5_000, "0", "0.8"), (12_000, "0.28", "1.88"), (25_000, "1.95", "3.55")],
)
def test_the_first_units_of_a_month_are_free_whatever_their_tier_costs(units, dollars, dollars_when_nothing_is_free):
    price = TIERED | {"free": 10_000}
    assert month_bill.cost(F(units), price, 672, is_free=True) == F(dollars)
    assert month_bill.cost(F(units), price, 672, is_free=False) == F(dollars_when_nothing_is_free)


def test_what_is_there_all_month_costs_the_same_in_a_short_and_in_a_long_one():
    price = month_bill.price_of(BOOK, "kms.key-hours", "essentials")
    for month, hours in [("2027-02", 672), ("2028-02", 696), ("2027-12", 744)]:
        assert month_bill.hours_in(month) == hours
        assert month_bill.cost(F(3 * hours), price, hours, is_free=True) == 6
        assert month_bill.cost(F(3 * hours, 2), price, hours, is_free=True) == F("1.5")


def test_beyond_the_last_known_tier_there_is_no_price():
    price = TIERED | {"tiers": TIERED["tiers"][:2]}
    assert month_bill.cost(F(20_000), price, 672, is_free=True) == 3
    with pytest.raises(LookupError, match="beyond 20000"):
        month_bill.cost(F(20_001), price, 672, is_free=True)


def test_a_price_that_the_book_lacks_is_an_error():
    assert month_bill.price_of(BOOK, "ses.recipients", "a-la-carte")["tiers"] == [{"dollars": "0.10"}]
    with pytest.raises(LookupError, match="ses.recipients in the plan pro"):
        month_bill.price_of(BOOK, "ses.recipients", "pro")


def test_use_is_added_up_by_meter_and_only_of_the_month():
    lines = [
        line("SES.SendEmail", 7),
        line("SES.SendEmail", 3),
        line("SES.SendEmail", 100, hour="2027-03-01T00:00:00.000Z"),
        line("DynamoDB.UpdateItem", 2_500, "email-deliveries"),
        line("DynamoDB.UpdateItem", 1_000, "email-deliveries/byStatus"),
        line("Fargate.Run", 3_600_000_000, "worker"),
        line("Standing", 2_000, "kms.key-hours"),
    ]
    assert month_bill.used(lines, "2027-02") == {
        "ses.recipients": 10,
        "dynamodb.write-units": F("3.5"),
        "fargate.arm-cpu-hours": F("0.5"),
        "fargate.arm-memory-gigabyte-hours": 1,
        "kms.key-hours": 2,
    }
    with pytest.raises(KeyError):
        month_bill.used([line("S3.PutObject", 1)], "2027-02")


LINES = [line("SES.SendEmail", 15_000), line("Fargate.Run", 720_000_000_000, "worker")]
BILL = {
    "month": "2027-02",
    "region": "us-east-1",
    "plan": "essentials",
    "freeTier": "whole",
    "dollars": "7.100000",
    "meters": [
        {"meter": "ses.recipients", "thousandths": 15_000_000, "dollars": "2.300000"},
        {"meter": "fargate.arm-cpu-hours", "thousandths": 100_000, "dollars": "4.000000"},
        {"meter": "fargate.arm-memory-gigabyte-hours", "thousandths": 200_000, "dollars": "0.800000"},
    ],
}


def found(bill, lines=LINES):
    return month_bill.differences(bill, month_bill.reckon(lines, bill, BOOK))


def test_the_same_bill_has_no_differences():
    assert found(BILL) == []


@pytest.mark.parametrize(("share", "count"), [(F("0.991"), 0), (F("1.009"), 0), (F("0.989"), 1), (F("1.011"), 1)])
def test_more_than_a_hundredth_of_a_meters_use_is_a_difference(share, count):
    bill = copy.deepcopy(BILL)
    bill["meters"][0]["thousandths"] = int(15_000_000 * share)
    assert len(found(bill)) == count


@pytest.mark.parametrize(
    ("dollars", "count"), [("2.320000", 0), ("2.280000", 0), ("2.330000", 1), ("2.270000", 1)]
)
def test_more_than_a_hundredth_of_a_meters_dollars_is_a_difference(dollars, count):
    bill = copy.deepcopy(BILL)
    bill["meters"][0]["dollars"] = dollars
    assert len(found(bill)) == count


@pytest.mark.parametrize(("accepted", "count"), [(4, 0), (7, 0), (8, 1)])
def test_of_a_handful_a_few_may_be_unheard_of(accepted, count):
    cheap = BOOK | {"prices": [TIERED | {"tiers": [{"dollars": "0.0005"}]}]}
    bill = BILL | {"meters": [{"meter": "ses.recipients", "thousandths": 4_000, "dollars": "0.000002"}], "dollars": "0.000002"}
    own = month_bill.reckon([line("SES.SendEmail", accepted)], bill, cheap)
    assert len(month_bill.differences(bill, own)) == count


def test_a_total_that_is_not_the_sum_is_a_difference():
    assert found(BILL | {"dollars": "7.200000"}) == ["total: $7.200000 by the leader, $7.100000 here"]


def test_a_meter_that_one_side_lacks_is_a_difference():
    assert len(found(BILL | {"meters": BILL["meters"][1:]})) == 2
    assert len(found(BILL, LINES[1:])) == 3


def test_the_newest_book_that_is_not_after_the_month_is_taken(tmp_path):
    for region, day in [("us-east-1", "2026-11-27"), ("us-east-1", "2027-03-01"), ("eu-west-1", "2027-01-01")]:
        text = f'{{"region": "{region}", "asOf": "{day}"}}'
        (tmp_path / f"{region}.{day}.json").write_text(text)
    assert month_bill.newest_book(tmp_path, "us-east-1", "2027-02")["asOf"] == "2026-11-27"
    assert month_bill.newest_book(tmp_path, "us-east-1", "2027-03")["asOf"] == "2027-03-01"
