"""The terminal output of the local stack: one line per step, with a progress sign."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table


class Terminal:
    """Prints lines to standard output. Colours and the progress sign appear only on a terminal."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Show `doing` while the block runs, then the completed step with its duration."""
        started = time.monotonic()
        with self.waiting(doing):
            yield
        self.done(f"{doing} [dim]({time.monotonic() - started:.1f} s)[/dim]")

    @contextmanager
    def waiting(self, doing: str) -> Iterator[None]:
        """Show `doing` while the block runs."""
        with self._console.status(f"{doing} …"):
            yield

    def done(self, text: str) -> None:
        """Print a line with a tick. `text` may use rich's markup."""
        self._console.print(f"[green]✓[/green] {text}")

    def say(self, text: str = "") -> None:
        """Print a line. `text` may use rich's markup."""
        self._console.print(text)

    def quote(self, line: str) -> None:
        """Print an indented line of plain text, such as a request."""
        self._console.print(f"    [dim]{escape(line)}[/dim]")

    def fail(self, sentence: str) -> None:
        """Print an error message."""
        self._console.print(f"[red]✗[/red] {escape(sentence)}")

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        """Print a table of plain text. The last column wraps."""
        table = Table(title=title, title_justify="left", title_style="bold")
        for column in columns:
            table.add_column(column, no_wrap=column != columns[-1], overflow="fold")
        for row in rows:
            table.add_row(*map(escape, row))
        self._console.print(table)
