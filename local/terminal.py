"""What the local stack says to the person who started it: a line per step, a sign of progress while it lasts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table


class Terminal:
    """Lines on standard output. Colours and the progress sign only where somebody watches."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Show `doing` while the block runs, and that it is done, and how long it took."""
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
        """A line with a tick. `text` may use rich's markup."""
        self._console.print(f"[green]✓[/green] {text}")

    def say(self, text: str = "") -> None:
        """A line as it is, with rich's markup."""
        self._console.print(text)

    def quote(self, line: str) -> None:
        """A line of something else's text, set back."""
        self._console.print(f"    [dim]{escape(line)}[/dim]")

    def fail(self, sentence: str) -> None:
        """The one sentence that says why nothing goes on."""
        self._console.print(f"[red]✗[/red] {escape(sentence)}")

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        """A table of plain text; its last column gets more lines when it needs them."""
        table = Table(title=title, title_justify="left", title_style="bold")
        for column in columns:
            table.add_column(column, no_wrap=column != columns[-1], overflow="fold")
        for row in rows:
            table.add_row(*map(escape, row))
        self._console.print(table)
