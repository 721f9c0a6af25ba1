"""The expected state of the product from the callers' requests: events, and webhooks with all their versions."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.queues import Message
from tests.simulation.world import Answered, Post

NEVER = float("inf")


@dataclass(frozen=True)
class Version:
    """The state of a webhook between two changes. `config` is None after its deletion."""

    asked_at: float
    answered_at: float
    config: Mapping[str, Any] | None

    @property
    def is_active(self) -> bool:
        return self.config is not None and self.config.get("status", "active") == "active"


@dataclass
class Secret:
    """A signing secret and the latest time at which it can sign."""

    text: str
    asked_at: float
    until: float = NEVER


@dataclass
class WebhookModel:
    """A webhook."""

    id: str
    account: str
    base: str
    """Its endpoint URL without the path."""
    versions: list[Version] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    recoveries: list[str] = field(default_factory=list)
    wishes: set[str] = field(default_factory=set)
    """The deliveries with a manual retry."""
    was_recovered: bool = False

    @property
    def current(self) -> Mapping[str, Any] | None:
        return self.versions[-1].config

    @property
    def is_deleted(self) -> bool:
        return self.current is None

    def change(self, answered: Answered, config: Mapping[str, Any] | None) -> None:
        """Record a change that took effect between request and response."""
        self.versions.append(Version(answered.asked_at, answered.answered_at, config))

    def possible(self, since: float, until: float) -> Iterator[Version]:
        """Yield every version that may have been in effect between these times."""
        for at, version in enumerate(self.versions):
            gone = self.versions[at + 1].answered_at if at + 1 < len(self.versions) else NEVER
            if version.asked_at <= until and gone >= since:
                yield version


@dataclass
class EventModel:
    """A published event."""

    id: str
    account: str
    name: str
    entity: Mapping[str, Any]
    asked_at: float
    is_accepted: bool = False
    messages: list[Message] = field(default_factory=list)
    bodies: set[bytes] = field(default_factory=set)

    def wanted_by(self, config: Mapping[str, Any] | None) -> bool:
        """Return whether a webhook with this configuration gets the event."""
        if config is None:
            return False
        return any(_picks(pattern, self.name) for pattern in config["events"]) and _passes(
            config.get("filter"), self.entity
        )


def _picks(pattern: str, name: str) -> bool:
    return pattern in ("*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))


def _passes(chosen: Mapping[str, Any] | None, entity: Mapping[str, Any]) -> bool:
    """Evaluate a filter. The simulation uses only lists of values."""
    return chosen is None or all(entity[name] in values for name, values in chosen["entity"].items())


@dataclass
class Model:
    """All webhooks and events."""

    webhooks: list[WebhookModel] = field(default_factory=list)
    events: dict[str, EventModel] = field(default_factory=dict)

    def event_of(self, post: Post) -> EventModel | None:
        """Return the event of a request, or None for a system event."""
        return self.events.get(json.loads(post.body)["id"])

    def webhook_at(self, url: str) -> WebhookModel:
        """Return the webhook with this endpoint URL."""
        base = "/".join(url.split("/", 3)[:3])
        return next(each for each in self.webhooks if each.base == base)
