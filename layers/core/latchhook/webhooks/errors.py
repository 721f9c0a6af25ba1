"""The errors of webhooks, deliveries, event types and events. (`EndpointUrlError` is in endpoint_url.py.)"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from latchhook.optimistic_locking import ConflictError


class Finding(NamedTuple):
    """An error at one place of a document: a JSON pointer (RFC 6901) and a sentence."""

    pointer: str
    detail: str


class WebhookNotFoundError(Exception):
    """The caller's account has no such webhook. Another account's webhook counts as missing."""


class WebhookChangedError(ConflictError):
    """Another request changed the webhook after it was read."""


class TooManySecretsError(Exception):
    """The webhook has the maximum number of signing secrets."""


class TooManyWebhooksError(Exception):
    """The account has the maximum number of webhooks."""


class WebhookWithoutUrlError(Exception):
    """The webhook has no URL yet."""


class WebhookNotActiveError(Exception):
    """The webhook is paused, disabled or without URL, so it gets no deliveries."""


class TooMuchToAddUpError(Exception):
    """The account had too many webhooks on these days to add up their counts in one request."""


class DeliveryNotFoundError(Exception):
    """This webhook has no such delivery."""


class EventGoneError(Exception):
    """The delivery's event is no longer stored."""


class TooManyAttemptsError(Exception):
    """The delivery has the maximum number of attempts."""


class RecoveryNotFoundError(Exception):
    """This webhook has no such recovery."""


class RecoveryRunningError(Exception):
    """The webhook already has a running recovery. Only one can run at a time."""


class RecoveryFinishedError(Exception):
    """The recovery has finished and cannot be cancelled."""


class SinceInFutureError(Exception):
    """A recovery was requested with a `since` in the future."""


class EventTooLargeError(Exception):
    """The event's delivered body is larger than the limit."""


class UnstorableNumberError(Exception):
    """The event contains a number that is too large for a double, so receivers could not read it."""


class EventTypeNotFoundError(Exception):
    """No event type has this name."""


class EventTypeChangedError(ConflictError):
    """Another request created, changed or deleted the event type after it was read."""


class TooManyEventTypesError(Exception):
    """The deployment has the maximum number of event types."""


class UnreadableFilterError(Exception):
    """Stored filters of these webhooks cannot be read. This is a fault in Latchhook and not in the event."""

    def __init__(self, webhook_ids: Sequence[UUID]) -> None:
        super().__init__("stored filter cannot be read: webhook " + ", ".join(map(str, webhook_ids)))


class FilterTooExpensiveError(Exception):
    """A filter needs more comparisons for an event than `filters.MAX_WORK`."""


class OutOfTimeError(Exception):
    """The function's time is nearly over. The queue delivers the message to another run."""


class InvalidSchemaError(Exception):
    """The document is not a usable JSON Schema. `finding` points into it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.detail)
        self.finding = finding


class UnfitExampleError(Exception):
    """An event type's example violates its schema. `findings` point into the example."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("the example violates the schema")
        self.findings = findings


class UnreadableSchemaError(Exception):
    """A stored schema of an event type cannot be read. This is a fault in Latchhook and not in the event."""


class UnfitEntityError(Exception):
    """An event's entity violates the schema of its type. `findings` point into the entity."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("the entity violates the schema of its type")
        self.findings = findings
