"""Event names, and the name patterns with which a webhook subscribes to them."""

import re
from collections.abc import Iterable

MAX_LENGTH = 128
MAX_PATTERNS = 100

_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")

NAME_PATTERN = f"^{_NAME.pattern}$"
"""What `is_event_name` accepts, up to the length."""

EVENT_PATTERN_PATTERN = rf"^(?:\*|{_NAME.pattern}(?:\.\*)?)$"
"""What `is_event_pattern` accepts, up to the length."""


def is_event_name(text: str) -> bool:
    """Return whether `text` is `word.word…` of lower-case letters, digits, `_` and `-`, at most 128 characters."""
    return len(text) <= MAX_LENGTH and _NAME.fullmatch(text) is not None


def is_event_pattern(text: str) -> bool:
    """Return whether `text` is an exact name, `prefix.*` or `*`."""
    return text == "*" or is_event_name(text.removesuffix(".*"))


def picks(patterns: Iterable[str], event_name: str) -> bool:
    """Return whether a pattern includes `event_name`. `lap.*` includes `lap.created` and `lap.time.set`, not `lap`."""
    words = event_name.split(".")
    prefixes = {".".join(words[:count]) + ".*" for count in range(1, len(words))}
    return not {"*", event_name, *prefixes}.isdisjoint(patterns)
