"""What callers asked for, as the product must have understood it: events, and webhooks with all their versions."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.queues import Message
from tests.simulation.world import Answered, Post

NEVER = float("inf")


@dataclass(frozen=True)
class Version:
    """What a webhook was between two changes. `config` is None once it is deleted."""

    asked_at: float
    answered_at: float
    config: Mapping[str, Any] | None

    @property
    def is_active(self) -> bool:
        return self.config is not None and self.config.get("status", "active") == "active"


@dataclass
class Secret:
    """A signing secret, and when it can sign at the latest."""

    text: str
    asked_at: float
    until: float = NEVER


@dataclass
class WebhookModel:
    """One webhook."""

    id: str
    account: str
    base: str
    """Its URL without the path."""
    versions: list[Version] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    recoveries: list[str] = field(default_factory=list)
    wishes: set[str] = field(default_factory=set)
    """Deliveries for which somebody asked to be sent again."""
    was_recovered: bool = False

    @property
    def current(self) -> Mapping[str, Any] | None:
        return self.versions[-1].config

    @property
    def is_deleted(self) -> bool:
        return self.current is None

    def change(self, answered: Answered, config: Mapping[str, Any] | None) -> None:
        """A change that took effect at some moment between question and answer."""
        self.versions.append(Version(answered.asked_at, answered.answered_at, config))

    def possible(self, since: float, until: float) -> Iterator[Version]:
        """Every version that may have been in effect at some moment between these."""
        for at, version in enumerate(self.versions):
            gone = self.versions[at + 1].answered_at if at + 1 < len(self.versions) else NEVER
            if version.asked_at <= until and gone >= since:
                yield version


@dataclass
class EventModel:
    """One event that was published."""

    id: str
    account: str
    name: str
    entity: Mapping[str, Any]
    asked_at: float
    is_accepted: bool = False
    messages: list[Message] = field(default_factory=list)
    bodies: set[bytes] = field(default_factory=set)

    def wanted_by(self, config: Mapping[str, Any] | None) -> bool:
        """Whether a webhook that is set up like this gets it."""
        if config is None:
            return False
        return any(_picks(pattern, self.name) for pattern in config["events"]) and _passes(
            config.get("filter"), self.entity
        )


def _picks(pattern: str, name: str) -> bool:
    return pattern in ("*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))


def _passes(chosen: Mapping[str, Any] | None, entity: Mapping[str, Any]) -> bool:
    """As far as the simulation uses filters: lists of values."""
    return chosen is None or all(entity[name] in values for name, values in chosen["entity"].items())


@dataclass
class Model:
    """All of it."""

    webhooks: list[WebhookModel] = field(default_factory=list)
    events: dict[str, EventModel] = field(default_factory=dict)

    def event_of(self, post: Post) -> EventModel | None:
        """The event of a request, None for one of the product's own."""
        return self.events.get(json.loads(post.body)["id"])

    def webhook_at(self, url: str) -> WebhookModel:
        """The webhook whose receiver has this URL."""
        base = "/".join(url.split("/", 3)[:3])
        return next(each for each in self.webhooks if each.base == base)
