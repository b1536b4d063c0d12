"""What figures mean, and what a seed decides."""

from trials.judgement import Held, Probe, availability, percentile, queueing, rate_figures, recovery, spread
from trials.schedule import day, strikes


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile(list(map(float, range(1, 101))), 0.99) == 99.0
    assert spread([1.0]) == {"n": 1, "p50": 1.0, "p99": 1.0, "max": 1.0}


def test_any_ten_seconds_hold_at_most_ten_times_the_rate_and_the_burst() -> None:
    steady = [index / 2 for index in range(100)]
    assert rate_figures(steady, rate=2, burst=1).as_json() == {
        "rateMost": 20,
        "rateAllowed": 21,
        "rateOverSet": 0,
        "rateViolations": 0,
    }
    # SES allows 2 / 0.95 a second, 22 in ten seconds with the burst, and a second's worth may have been late.
    above = rate_figures([*steady, 7.1, 7.2, 7.3, 7.4], rate=2, burst=1)
    assert above.most == 24 and above.over_set > 0 and above.violations == 0
    assert rate_figures([*steady, 7.1, 7.2, 7.3, 7.4, 7.5], rate=2, burst=1).violations > 0
    twice = rate_figures([index / 4 for index in range(200)], rate=2, burst=1)
    assert twice.violations > 150


def test_what_a_fault_kept_back_on_the_wire_may_arrive_at_its_end() -> None:
    times = [float(index) for index in range(10)] + [10.01] * 6
    assert rate_figures(times, rate=1, burst=1).violations > 0
    assert rate_figures(times, rate=1, burst=1, held=[Held(8, 10, 3)]).violations == 0
    assert rate_figures(times, rate=1, burst=1, held=[Held(8, 10, 2)]).violations > 0
    assert rate_figures(times, rate=1, burst=1, held=[Held(40, 50, 99)]).violations > 0


def test_a_window_is_available_when_one_of_its_probes_was_in_time() -> None:
    probes = [Probe(1, 2), Probe(8, None), Probe(11, 17), Probe(19, None), Probe(25, 30)]
    assert availability(probes) == (2, 3)


def test_recovery_is_counted_from_the_end_of_the_fault() -> None:
    late = [Probe(at, None if at < 30 else at + 1) for at in range(0, 60, 2)]
    assert recovery(late, begin=10, end=20) == 10
    assert recovery(late, begin=40, end=45) == 0
    assert recovery(late, begin=57, end=58) is None


def test_one_probe_in_time_is_no_recovery() -> None:
    probes = [Probe(0, None), Probe(2, 3), Probe(4, None), Probe(6, 7), Probe(8, 9), Probe(10, 11)]
    assert recovery(probes, begin=0, end=1) == 5


def test_queueing_at_a_rate_is_what_the_rate_alone_demands() -> None:
    assert queueing([0, 0, 0], rate=2) == [0, 0.5, 1.0]
    assert queueing([0, 10], rate=2) == [0, 0]
    assert queueing([0, 0, 0], rate=2, burst=3) == [0, 0, 0]


def test_a_seed_decides_the_strikes_and_every_kind_comes_in_a_short_run() -> None:
    kinds = [f"kind-{number}" for number in range(20)]
    assert strikes(1, 180, kinds) == strikes(1, 180, kinds)
    assert strikes(1, 180, kinds) != strikes(2, 180, kinds)
    for seed in range(50):
        dealt = strikes(seed, 180, kinds)
        assert {strike.kind for strike in dealt[:20]} == set(kinds)
        assert all(0 < strike.at < 180 for strike in dealt)


def test_a_day_has_a_burst_of_ten_times_the_usual() -> None:
    times = day(1, 2000, 200)
    assert len(times) == 2000 and times == sorted(times) and 0 <= times[0] and times[-1] <= 200
    busiest = max(sum(at <= other < at + 10 for other in times) for at in times)
    usual = (2000 - busiest) / 190
    assert 9 < busiest / 10 / usual < 11.5
