"""The tables of `make bench`: every figure with its baseline and its bar."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from bench.aws_calls import Counted
from bench.console_load import Figure
from bench.figures import Bar, verdict
from bench.init_times import InitTime
from bench.latency import BAR as LATENCY_BAR
from bench.latency import Run
from bench.operations import EVENT_PATH, EVENT_PATH_DOLLARS
from bench.start_times import StartTime
from bench.warm_cpu import CpuTime
from bench.worker import BAR as WORKER_BAR
from bench.worker import Comparison


def init_table(times: Sequence[InitTime]) -> Table:
    """Return the table of init times, slowest first."""
    table = _table("Init in Lambda's runtime, ms", "function", "median", "min", "× one client", "by minima", "bar")
    for time in sorted(times, key=lambda each: -each.ratio):
        table.add_row(
            time.name,
            f"{time.median_millis:.0f}",
            f"{time.least_millis:.0f}",
            f"{time.ratio:.2f}",
            f"{time.least_ratio:.2f}",
            _coloured(verdict(time.ratio, time.bar)),
        )
    return table


def cpu_table(times: Sequence[CpuTime]) -> Table:
    """Return the table of warm verifications."""
    table = _table("Processor time of a warm verification, ms", "way", "median", "min", "× bare call", "bar")
    for time in times:
        table.add_row(
            time.name,
            f"{time.median_millis:.2f}",
            f"{time.least_millis:.2f}",
            f"{time.ratio:.2f}",
            _coloured(verdict(time.ratio, time.bar)),
        )
    return table


def calls_table(counted: Sequence[Counted]) -> Table:
    """Return the table of each operation's calls, capacity and cost, and of an event from publication to delivery."""
    table = _table(
        "AWS calls, DynamoDB units and $ per million operations, with one message and with ten messages per batch",
        *("operation", "AWS calls", "items", "write", "read", "$", "$ by tens", "bar"),
    )
    for each in counted:
        log = each.log
        table.add_row(
            each.operation.name,
            f"{len(log.calls)} " + " ".join(call.partition(":")[2] for call in log.calls),
            str(log.item_writes),
            f"{log.write_units:g}",
            f"{log.read_units:g}",
            f"{each.dollars_alone:.2f}",
            f"{each.dollars_in_tens:.2f}",
            _coloured(", ".join(filter(None, _verdicts(each)))),
        )
    table.add_section()
    table.add_row(*_event_path([each for each in counted if each.operation in EVENT_PATH]))
    return table


def _event_path(path: Sequence[Counted]) -> tuple[str | Text, ...]:
    in_tens = sum(each.dollars_in_tens for each in path)
    return (
        "publish, fan out, deliver: one webhook",
        str(sum(len(each.log.calls) for each in path)),
        str(sum(each.log.item_writes for each in path)),
        f"{sum(each.log.write_units for each in path):g}",
        f"{sum(each.log.read_units for each in path):g}",
        f"{sum(each.dollars_alone for each in path):.2f}",
        f"{in_tens:.2f}",
        _coloured(Bar(EVENT_PATH_DOLLARS, " $ by tens").verdict(in_tens)),
    )


def outbound_table(speeds: Mapping[int, tuple[float, float]], bar: float) -> Table:
    """Return the table of outbound HTTP."""
    table = _table("Outbound HTTP, POSTs a second", "threads", "ours", "requests", "ratio", "bar")
    for threads, (ours, theirs) in speeds.items():
        ratio = ours / theirs
        table.add_row(
            str(threads),
            f"{ours:,.0f}",
            f"{theirs:,.0f}",
            f"{ratio:.2f}",
            _coloured(Bar(bar, " ×", at_least=True).verdict(ratio)),
        )
    return table


def worker_table(compared: Sequence[Comparison]) -> Table:
    """Return the table that compares the delivery worker with a bare session."""
    table = _table(
        "One worker environment: a full delivery compared with a bare requests.Session POST, ms",
        *("clock", "ours", "requests", "speed ×", "by minima", "bar"),
    )
    for each in compared:
        table.add_row(
            each.clock,
            f"{each.ours_millis:.2f}",
            f"{each.theirs_millis:.2f}",
            f"{each.ratio:.2f}",
            f"{each.least_ratio:.2f}",
            _coloured(WORKER_BAR.verdict(each.ratio)),
        )
    return table


def latency_table(runs: Sequence[Run]) -> Table:
    """Return the table of times from acceptance to receipt, for each tried rate."""
    table = _table(
        "Time from accepted to received on the local stack, ms", "events/s", "part", "p50", "p95", "p99", "bar"
    )
    for run in runs:
        for part in run.parts:
            table.add_row(
                f"{run.events_per_second}" if run.kept_up else f"{run.events_per_second}: the emulator falls behind",
                part.name,
                *(f"{millis:.0f}" for millis in (part.p50, part.p95, part.p99)),
                _coloured(LATENCY_BAR.verdict(part.p95) if run.kept_up and part is run.ours else ""),
            )
        table.add_section()
    return table


def start_table(times: Sequence[StartTime]) -> Table:
    """Return the table of the times from `make run` to the base URL."""
    table = _table("From make run to the base URL", "start", "seconds", "bar")
    for each in times:
        table.add_row(each.name, f"{each.seconds:.1f}", _coloured(each.bar.verdict(each.seconds)))
    return table


def console_table(figures: Sequence[Figure]) -> Table:
    """Return the table of the console's first load and of scrolling."""
    table = _table("The console on the local stack, in a browser without cache", "figure", "median", "min", "bar")
    for each in figures:
        table.add_row(each.name, f"{each.median:,.0f}", f"{each.least:,.0f}", _coloured(verdict(each.judged, each.bar)))
    return table


def _verdicts(each: Counted) -> list[str]:
    operation = each.operation
    return [
        verdict(len(each.log.calls), _bar(operation.most_calls, " calls")),
        verdict(each.log.item_writes, _bar(operation.most_item_writes, " items")),
        verdict(each.dollars_alone, _bar(operation.most_dollars, " $")),
    ]


def _bar(limit: float | None, unit: str) -> Bar | None:
    return None if limit is None else Bar(limit, unit)


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for other in others:
        is_words = other in {"AWS calls", "bar"}
        table.add_column(other, justify="left" if is_words else "right", no_wrap=other != "AWS calls", min_width=5)
    return table


def _coloured(text: str) -> Text:
    missed = "OVER" in text or "UNDER" in text
    return Text(text, style="bold red" if missed else "green")
