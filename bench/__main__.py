"""`python -m bench [PART …]`: measure the named parts, or all parts, and print a table for each."""

import os
import sys
from collections.abc import Set

from bench import environment  # before anything of Latchhook

# isort: split
from rich.console import Console
from rich.status import Status

from bench import aws_calls, console_load, init_times, latency, outbound_http, report, start_times, warm_cpu, worker
from bench.runtime_image import RuntimeImage, prepared_image
from local.dynamodb_local import DynamoDBLocal
from local.errors import LocalStackError

PARTS = ("init", "cpu", "calls", "http", "worker", "latency", "console", "run")
NEED_DATABASE = ("cpu", "calls")
WIDTH = 150
"""The width of all tables in files and pipes, in columns. A terminal uses its own width."""


def main(wanted: Set[str]) -> None:
    """Measure part by part and print each table as soon as it is complete."""
    unknown = wanted - set(PARTS)
    if unknown:
        raise LocalStackError(f"There is no measurement {', '.join(sorted(unknown))}. Choose from {', '.join(PARTS)}.")
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    with console.status("Building functions and layers …") as status:
        image = prepared_image()
        if not wanted or "init" in wanted:
            times = init_times.measure(image, starting=lambda doing: status.update(f"Cold starts, {doing} …"))
            console.print(report.init_table(times))
        if not wanted or not wanted.isdisjoint(NEED_DATABASE):
            _with_database(image, wanted, console, status)
        if not wanted or "http" in wanted:
            status.update("Outbound HTTP …")
            os.environ["PYTHONPATH"] = os.pathsep.join(environment.CODE)  # for the receiver's process
            console.print(report.outbound_table(outbound_http.measure(), outbound_http.BAR))
        if not wanted or "worker" in wanted:
            status.update("Deliveries of one worker …")
            console.print(report.worker_table(worker.measure(image)))
        if not wanted or "latency" in wanted:
            runs = latency.measure(starting=lambda doing: status.update(f"Time from accepted to received, {doing} …"))
            console.print(report.latency_table(runs))
        if not wanted or "console" in wanted:
            status.update("The console in a browser …")
            console.print(report.console_table(console_load.measure()))
        if not wanted or "run" in wanted:
            status.update("make run in a fresh clone …")
            console.print(report.start_table(start_times.measure()))


def _with_database(image: RuntimeImage, wanted: Set[str], console: Console, status: Status) -> None:
    with DynamoDBLocal() as database:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = database.endpoint_url
        if not wanted or "cpu" in wanted:
            status.update("Warm verifications …")
            console.print(report.cpu_table(warm_cpu.measure(image)))
        if not wanted or "calls" in wanted:
            status.update("Counting AWS calls …")
            console.print(report.calls_table(aws_calls.count_calls()))


if __name__ == "__main__":
    try:
        main(set(sys.argv[1:]))
    except LocalStackError as error:
        sys.exit(str(error))
