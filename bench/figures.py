"""One measured figure beside its bar."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """The most that a figure may be, or with `at_least` the least."""

    limit: float
    unit: str = ""
    at_least: bool = False

    def holds(self, figure: float) -> bool:
        """Whether `figure` keeps it."""
        return figure >= self.limit if self.at_least else figure <= self.limit

    def verdict(self, figure: float) -> str:
        """`ok` or `OVER`, and the bar."""
        missed = "UNDER" if self.at_least else "OVER"
        return f"{'ok' if self.holds(figure) else missed} ({'≥' if self.at_least else '≤'} {self.limit:g}{self.unit})"


def verdict(figure: float, bar: Bar | None) -> str:
    """What stands beside a figure; nothing where it has no bar."""
    return "" if bar is None else bar.verdict(figure)
