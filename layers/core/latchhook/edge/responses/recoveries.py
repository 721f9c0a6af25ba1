"""Response bodies with recoveries."""

from typing import Literal, TypedDict

from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.webhooks.delivery import accepted_at
from latchhook.webhooks.recovery import Recovery


class RecoveryResponse(TypedDict):
    """A recovery of a webhook and its progress."""

    id: Uuid
    webhookId: Uuid
    only: Literal["failed", "missing"] | None
    """Whether only failed or only missing deliveries are sent. Null means both, failed deliveries first."""
    since: Moment
    """The recovery includes events that were accepted at this time or later."""
    until: Moment
    """The start of the recovery. Later events are not included."""
    status: Literal["running", "finished", "cancelled"]
    lookingFor: Literal["failed", "missing"]
    """The kind of deliveries that the recovery examines now, or examined last."""
    reachedAt: Moment | None
    """The time at which the event of the last examined delivery was accepted."""
    examined: int
    """The number of examined deliveries."""
    sent: int
    """The number of deliveries that are sent again. Their attempts have `recover` as `trigger`."""
    skipped: int
    """The number of deliveries that cannot be sent: the event has expired, or the delivery has 999 attempts."""
    createdAt: Moment
    updatedAt: Moment
    endedAt: Moment | None
    """The time at which the recovery finished or was cancelled; null while it is running."""


class RecoveryListResponse(TypedDict):
    """A page of recoveries, newest first."""

    data: list[RecoveryResponse]
    nextCursor: str | None
    """The `cursor` of the next page; null on the last page."""


def recovery_response(recovery: Recovery) -> RecoveryResponse:
    """Return the response body of a recovery."""
    return {
        "id": str(recovery.id),
        "webhookId": str(recovery.webhook_id),
        "only": recovery.only,
        "since": rfc3339(recovery.since),
        "until": rfc3339(recovery.until),
        "status": recovery.status,
        "lookingFor": recovery.looks_for,
        "reachedAt": None if recovery.after is None else rfc3339(accepted_at(recovery.after)),
        "examined": recovery.examined,
        "sent": recovery.sent,
        "skipped": recovery.skipped,
        "createdAt": rfc3339(recovery.created_at),
        "updatedAt": rfc3339(recovery.updated_at),
        "endedAt": rfc3339_or_none(recovery.ended_at),
    }
