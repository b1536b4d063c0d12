"""What became of the orders that a quickstart published: asked of `waybill`, and of the local AWS as the independent witness.

    reckoning.py progress --waybill PROGRAM --orders N --base FILE    one line of words; exit 0 when all are at an end
    reckoning.py verdict --waybill PROGRAM --orders N --base FILE --prefix P --seconds S [--witness URL]

`--base` holds `waybill status --json` from before the first order was published. The verdict is one line of JSON; its exit
is 0 only if every order is counted exactly once and the witness saw no delivery accepted twice.
"""

import argparse
import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request

# Each end of a delivery, and the name it is counted under. SES's Reject is a failure that came later.
ENDS = {
    "DELIVERED": "delivered",
    "BOUNCED": "bounced",
    "COMPLAINT": "complaint",
    "FAILED": "failed",
    "REJECTED": "failed",
    "SUPPRESSED": "suppressed",
    "UNCONFIRMED": "unconfirmed",
}
KIND = "order-confirmation"
NOTHING_FOUND = 3


def ask(waybill, *arguments):
    """The JSON that a command of `waybill` prints."""
    run = subprocess.run([waybill, *arguments, "--json"], capture_output=True, text=True, check=False)
    if run.returncode not in (0, NOTHING_FOUND):
        raise SystemExit(f"waybill {' '.join(arguments)} ended with {run.returncode}: {run.stderr.strip()}")
    return json.loads(run.stdout)


def counts_since(waybill, base):
    """The status now, with the counts that were there before taken away."""
    now = ask(waybill, "status", "--count-up-to", "1000000")
    for name, before in (base.get("deliveries") or {}).items():
        now["deliveries"][name] -= before
    now["quarantined"] -= base.get("quarantined") or 0
    return now


def is_quiet(status):
    """Whether nothing is under way: no job waits or is in hand, and neither queue holds a message."""
    queues = [status["queues"][name] for name in ("orders", "feedback")]
    under_way = status["jobs"]["ready"] + status["jobs"]["leased"] + status["jobs"]["inDoubt"]
    return under_way == 0 and all(sum(queue.values()) == 0 for queue in queues)


def unfinished(options):
    """How many jobs PostgreSQL has yet to finish; asked with psql, which costs the cluster nothing while it is busy."""
    query = (
        "SELECT (SELECT coalesce(sum(jobs), 0) FROM waybill.history_tally), (SELECT count(*) FROM waybill.quarantine)"
    )
    command = ["psql", "--no-psqlrc", "-At", "-F", " ", "-c", query, os.environ["WAYBILL_POSTGRES"]]
    finished, quarantined = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    before = options.base["jobs"]["finished"] + options.base["quarantined"]
    return options.orders - (int(finished) + int(quarantined) - before)


def progress(options):
    """Prints where the orders are, and tells whether all are at an end."""
    remaining = unfinished(options)
    if remaining > 0:
        print(f"{options.orders - remaining} of {options.orders} are through the workers")
        return False
    status = counts_since(options.waybill, options.base)
    deliveries = status["deliveries"]
    ended = sum(deliveries.get(name, 0) for name in ENDS)
    shown = [f"{count} {name.lower()}" for name, count in deliveries.items() if count > 0]
    waiting = status["jobs"]["ready"] + status["jobs"]["leased"]
    if waiting:
        shown.append(f"{waiting} in PostgreSQL")
    if status["quarantined"]:
        shown.append(f"{status['quarantined']} quarantined")
    print(f"{ended} of {options.orders} at an end: {', '.join(shown) or 'nothing yet'}")
    return ended + status["quarantined"] >= options.orders and is_quiet(status)


def records(waybill, status):
    """Every delivery in a status, page by page."""
    page = {"next": None}
    while True:
        after = ["--after", page["next"]] if page["next"] else []
        page = ask(waybill, "deliveries", "--status", status, "--limit", "1000", *after)
        yield from page["records"]
        if not page.get("next"):
            return


def acceptances(witness, prefix):
    """How often SES accepted each order's email, by the local AWS's own count."""
    query = urllib.parse.urlencode({"prefix": f"{KIND}/{prefix}"})
    with urllib.request.urlopen(f"{witness}/_local/acceptances?{query}", timeout=30) as answer:
        deliveries = json.load(answer)["deliveries"].values()
    return {entry["text"].removeprefix(f"{KIND}/"): entry["count"] for entry in deliveries}


def verdict(options):
    """Counts every order by its own record, prints the line, and tells whether it is as it must be."""
    by_status = {
        name: [record["order"] for record in records(options.waybill, name) if record["order"].startswith(options.prefix)]
        for name in ENDS
    }
    tracked = [order for orders in by_status.values() for order in orders]
    quarantined = counts_since(options.waybill, options.base)["quarantined"]
    accepted = acceptances(options.witness, options.prefix) if options.witness else None
    missing = options.orders - len(set(tracked)) - quarantined
    unrecorded = len(set(accepted or {}) - set(tracked))
    line = {"orders": options.orders}
    line.update(dict.fromkeys(ENDS.values(), 0))
    for name, count_as in ENDS.items():
        line[count_as] += len(by_status[name])
    line["quarantined"] = quarantined
    line["duplicates"] = sum(count - 1 for count in accepted.values()) if accepted is not None else None
    line["unaccounted"] = abs(missing) + unrecorded
    line["seconds"] = options.seconds
    print(json.dumps(line, separators=(",", ":")))
    if accepted is None:
        print("no local AWS counted the acceptances, so duplicates are not known", file=sys.stderr)
    once = len(tracked) == len(set(tracked)) and line["unaccounted"] == 0
    return once and line["duplicates"] == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["progress", "verdict"])
    parser.add_argument("--waybill", required=True)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--base", type=lambda path: json.load(open(path, encoding="utf-8")), required=True)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--witness")
    options = parser.parse_args()
    return 0 if {"progress": progress, "verdict": verdict}[options.what](options) else 1


if __name__ == "__main__":
    sys.exit(main())
