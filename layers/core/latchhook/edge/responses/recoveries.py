"""What the recovery endpoints answer."""

from typing import Literal, TypedDict

from latchhook.clock import rfc3339, rfc3339_or_none
from latchhook.edge.responses.formats import Moment, Uuid
from latchhook.webhooks.delivery import accepted_at
from latchhook.webhooks.recovery import Recovery


class RecoveryResponse(TypedDict):
    """A recovery of a webhook: what it is for, and how far it is."""

    id: Uuid
    webhookId: Uuid
    only: Literal["failed", "missing"] | None
    """Whether it is for what failed or for what was missed; null for both, what failed first."""
    since: Moment
    until: Moment
    """When it was started. It is for events that were accepted between these two."""
    status: Literal["running", "finished", "cancelled"]
    lookingFor: Literal["failed", "missing"]
    """What it looks for at the moment, or did last."""
    reachedAt: Moment | None
    """How far it has come in that: when the event of the last delivery that it has looked at was accepted."""
    examined: int
    """How many deliveries it has looked at."""
    sent: int
    """How many of them it has had attempted again. The attempts follow at once, and have `trigger` `recover`."""
    skipped: int
    """How many it can't: their events are not kept any more, or they were attempted 999 times."""
    createdAt: Moment
    updatedAt: Moment
    endedAt: Moment | None
    """When it was finished or cancelled; null while it runs."""


class RecoveryListResponse(TypedDict):
    """A page of recoveries, newest first."""

    data: list[RecoveryResponse]
    nextCursor: str | None
    """Where the next page starts; null on the last one."""


def recovery_response(recovery: Recovery) -> RecoveryResponse:
    """The recovery as its account sees it."""
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
