"""The result of a scheduled job. A failed item does not stop the job; the job reports it at the end."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Swept:
    """The number of processed items, and the errors of the failed items."""

    done: int = 0
    failures: list[Exception] = field(default_factory=list)
