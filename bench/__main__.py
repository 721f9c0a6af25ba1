"""`python -m bench [init] [cpu] [calls] [http]`: measures what is named, or everything, and prints a table of each."""

import os
import sys
from collections.abc import Sequence

from bench import environment  # before anything of Latchhook

# isort: split
from rich.console import Console

from bench import aws_calls, init_times, outbound_http, report, warm_cpu
from bench.runtime_image import prepared_image
from local.dynamodb_local import DynamoDBLocal
from local.errors import LocalStackError

PARTS = ("init", "cpu", "calls", "http")
WIDTH = 150
"""Columns that all tables fit into, for files and pipes; a terminal has its own."""


def main(wanted: Sequence[str]) -> None:
    """Measure part by part; a table stands as soon as it is known."""
    unknown = set(wanted) - set(PARTS)
    if unknown:
        raise LocalStackError(f"There is no measurement {', '.join(sorted(unknown))}, only {', '.join(PARTS)}.")
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, WIDTH)
    with console.status("Building as Lambda runs it …") as status:
        image = prepared_image()
        if not wanted or "init" in wanted:
            times = init_times.measure(image, starting=lambda doing: status.update(f"Cold starts, {doing} …"))
            console.print(report.init_table(times))
        with DynamoDBLocal() as database:
            os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = database.endpoint_url
            if not wanted or "cpu" in wanted:
                status.update("Warm verifications …")
                console.print(report.cpu_table(warm_cpu.measure(image)))
            if not wanted or "calls" in wanted:
                status.update("Counting AWS calls …")
                console.print(report.calls_table(aws_calls.count_calls()))
        if not wanted or "http" in wanted:
            status.update("Outbound HTTP …")
            os.environ["PYTHONPATH"] = os.pathsep.join(environment.CODE)  # for the receiver's process
            console.print(report.outbound_table(outbound_http.measure(), outbound_http.BAR))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LocalStackError as error:
        sys.exit(str(error))
