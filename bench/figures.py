"""A measured figure and its bar."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """The upper limit of a figure, or its lower limit with `at_least`."""

    limit: float
    unit: str = ""
    at_least: bool = False

    def holds(self, figure: float) -> bool:
        """Return whether `figure` is within the bar."""
        return figure >= self.limit if self.at_least else figure <= self.limit

    def verdict(self, figure: float) -> str:
        """Return `ok`, `OVER` or `UNDER`, with the bar."""
        missed = "UNDER" if self.at_least else "OVER"
        return f"{'ok' if self.holds(figure) else missed} ({'≥' if self.at_least else '≤'} {self.limit:g}{self.unit})"


def verdict(figure: float, bar: Bar | None) -> str:
    """Return the verdict for a figure, or an empty text without a bar."""
    return "" if bar is None else bar.verdict(figure)
