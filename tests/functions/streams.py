"""Tables' streams as Lambda reads them: records in order, filtered by the event source mapping."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.template_tables import template


@dataclass(frozen=True)
class StreamSource:
    """One event source mapping of a table's stream to a worker, from the template."""

    table: str
    worker: str
    patterns: Sequence[Mapping[str, Any]]

    def lets_through(self, record: Mapping[str, Any]) -> bool:
        """Return whether Lambda invokes the worker with a record."""
        return not self.patterns or any(matches(pattern, record) for pattern in self.patterns)


def stream_sources() -> Iterator[StreamSource]:
    """Return every event source mapping of a table's stream."""
    for resource in template()["Resources"].values():
        source = resource["Properties"].get("EventSourceArn", {}) if "Properties" in resource else {}
        table, _, attribute = source.get("Fn::GetAtt", "").partition(".")
        if attribute == "StreamArn":
            properties = resource["Properties"]
            filters = properties.get("FilterCriteria", {}).get("Filters", [])
            patterns = [json.loads(each["Pattern"]) for each in filters]
            yield StreamSource(table, properties["FunctionName"]["Ref"], patterns)


def matches(pattern: Mapping[str, Any], value: Any) -> bool:
    """Return whether a value matches a pattern of Lambda's event filtering. Supports the values and prefixes that the
    template uses.

    Source: Lambda developer guide, "Control which events Lambda sends to your function".
    """
    for name, wanted in pattern.items():
        if not isinstance(value, Mapping) or name not in value:
            return False
        fits = matches(wanted, value[name]) if isinstance(wanted, Mapping) else _is_one_of(value[name], wanted)
        if not fits:
            return False
    return True


def _is_one_of(value: Any, wanted: Sequence[Any]) -> bool:
    for each in wanted:
        if isinstance(each, Mapping):
            ((how, what),) = each.items()
            if how != "prefix":
                raise NotImplementedError(how)
            if isinstance(value, str) and value.startswith(what):
                return True
        elif value == each:
            return True
    return False
