"""Gives keys a past that tests and pictures cannot wait for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from local.stack import RunningStack


def days_ago(days: float) -> datetime:
    """Return the time `days` ago."""
    return datetime.now(UTC) - timedelta(days=days)


def make_old(stack: RunningStack, key_id: str, *, created: float, used: float | None = None) -> None:
    """Set when a key was created and last used, in days ago. `used` is None for never."""
    changes = {"createdAt": _millis(created)} | ({} if used is None else {"lastUsedAt": _millis(used)})
    _set(stack, key_id, changes)


def add_uses(stack: RunningStack, key_id: str, uses: dict[int, int]) -> None:
    """Set a key's number of uses by days ago."""
    _set(stack, key_id, {f"u{days_ago(back):%Y%m%d}": {"N": str(count)} for back, count in uses.items()})


def _millis(days: float) -> dict[str, Any]:
    return {"N": str(int(days_ago(days).timestamp() * 1000))}


def _set(stack: RunningStack, key_id: str, values: dict[str, dict[str, Any]]) -> None:
    numbered = list(enumerate(values.items()))
    stack.client("dynamodb").update_item(
        TableName=stack.outputs["ApiKeysTableName"],
        Key={"id": {"S": key_id}, "record": {"S": "KEY"}},
        UpdateExpression="SET " + ", ".join(f"#n{at} = :v{at}" for at, _ in numbered),
        ExpressionAttributeNames={f"#n{at}": name for at, (name, _) in numbered},
        ExpressionAttributeValues={f":v{at}": value for at, (_, value) in numbered},
    )
