"""What a sweep has done: what failed is told at the end, and does not stop the rest."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Swept:
    """How many were settled, and why others were not."""

    done: int = 0
    failures: list[Exception] = field(default_factory=list)
