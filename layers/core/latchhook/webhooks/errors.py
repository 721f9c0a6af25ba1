"""Why something about a webhook or an event is refused. (`EndpointUrlError` stands with the rules it is about.)"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from latchhook.optimistic_locking import ConflictError


class Finding(NamedTuple):
    """What is wrong at one place of a document: a JSON pointer (RFC 6901) into it, and a sentence."""

    pointer: str
    detail: str


class WebhookNotFoundError(Exception):
    """No such webhook in the caller's account; another account's webhook and a missing one are the same."""


class WebhookChangedError(ConflictError):
    """Somebody else changed the webhook between its being read and being written."""


class TooManySecretsError(Exception):
    """As many of the webhook's secrets sign as may."""


class TooManyWebhooksError(Exception):
    """The account has as many webhooks as it may have."""


class WebhookWithoutUrlError(Exception):
    """The webhook has no URL yet to send anything to."""


class WebhookNotActiveError(Exception):
    """The webhook is paused, disabled or without URL: nothing is delivered to it now."""


class TooMuchToAddUpError(Exception):
    """The account has had more webhooks on these days than their counts are added up of in one request."""


class DeliveryNotFoundError(Exception):
    """No such delivery to this webhook."""


class EventGoneError(Exception):
    """The delivery's event is not kept any more."""


class TooManyAttemptsError(Exception):
    """The delivery was attempted as often as a delivery may be."""


class RecoveryNotFoundError(Exception):
    """No such recovery of this webhook."""


class RecoveryRunningError(Exception):
    """The webhook has a recovery that runs; it has one at a time."""


class RecoveryFinishedError(Exception):
    """The recovery came to its end: there is nothing to cancel."""


class SinceInFutureError(Exception):
    """A recovery is asked for of what has not come yet."""


class EventTooLargeError(Exception):
    """The event's body, as it would be delivered, is over the limit."""


class UnstorableNumberError(Exception):
    """A number in the event that JSON can write and no receiver could read back: too large for a double."""


class EventTypeNotFoundError(Exception):
    """No event type has this name."""


class EventTypeChangedError(ConflictError):
    """Somebody else made, changed or deleted the event type between its being read and being written."""


class TooManyEventTypesError(Exception):
    """The deployment has as many event types as it may have."""


class UnreadableFilterError(Exception):
    """Filters of these webhooks that were taken once can't be read any more: our own fault, not the event's."""

    def __init__(self, webhook_ids: Sequence[UUID]) -> None:
        super().__init__("filter can't be read: webhook " + ", ".join(map(str, webhook_ids)))


class FilterTooExpensiveError(Exception):
    """A filter takes more comparisons for an event than `filters.MAX_WORK`."""


class OutOfTimeError(Exception):
    """The function's time is nearly over; the message comes again in another run."""


class InvalidSchemaError(Exception):
    """It is no JSON Schema that can be used here; `finding` points into it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.detail)
        self.finding = finding


class UnfitExampleError(Exception):
    """An event type's example does not fit its schema; `findings` point into it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("the example does not fit the schema")
        self.findings = findings


class UnreadableSchemaError(Exception):
    """An event type's schema that was taken once can't be read any more: our own fault, not the event's."""


class UnfitEntityError(Exception):
    """An event's entity is not as its type says; `findings` point into it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("the entity is not as its type says")
        self.findings = findings
