"""The condition and the update of the write that verifies a key, spends its credits and applies its rate limit.

DynamoDB allows 4 KiB and 300 operators in a condition. The limits of required scopes and of IP allow lists ensure that.
An update cannot take the larger of two values, so the write for a rate limit has two variants. For a busy key, the
theoretical arrival time is in the future and moves by one step. For an idle key, it starts at the current time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from latchhook.api_keys.api_key import ApiKey
from latchhook.api_keys.ip_ranges import MAX_BLOCKS
from latchhook.api_keys.key_format import token_name
from latchhook.api_keys.verification import KeyQuery
from latchhook.clock import to_millis
from latchhook.permissions.requirements import NOTHING, InAccount, Joined, Requirement, Scope
from latchhook.permissions.scopes import alternatives
from latchhook.rates import to_micros
from latchhook.storage.api_key_items import DAY
from latchhook.storage.attributes import Item, to_attribute

_VALID = " AND #status = :active AND (attribute_not_exists(expiresAt) OR expiresAt > :now)"
_GOOD = "(secretHash = :hash OR (previousHash = :hash AND previousUntil > :now))" + _VALID
_GOOD_TOKEN = "tokens.#token > :now" + _VALID
_FOR_AUDIENCE = " AND (attribute_not_exists(audience) OR audience IN (:audience, :audienceSlash))"
_BUSY = " AND (attribute_not_exists(rateStep) OR (tat > :micros AND readyAt <= :micros))"
_IDLE = " AND attribute_exists(rateStep) AND tat <= :micros"
_LEFT = (
    " AND (attribute_not_exists(creditsLimited)"
    " OR (creditsLeft >= :cost AND (attribute_not_exists(refillAt) OR refillAt > :now)))"
)
_REFILL_DUE = " AND refillAt = :seen AND version = :version"
_FROM_ANYWHERE = " AND attribute_not_exists(ipRanges)"
_RANGES = "".join(f" OR (ipRanges[{at}] <= :ip AND ipRanges[{at + 1}] >= :ip)" for at in range(0, 2 * MAX_BLOCKS, 2))
_FROM_A_RANGE = f" AND (attribute_not_exists(ipRanges){_RANGES})"

_COUNTED = "lastUsedAt = :now, usedSince = if_not_exists(usedSince, :month)"
# A key without a rate limit has the step zero. The attributes then exist for the next write.
_ON_BUSY = (
    ", tat = if_not_exists(tat, :zero) + if_not_exists(rateStep, :zero)"
    ", readyAt = if_not_exists(readyAt, :zero) + if_not_exists(rateStep, :zero)"
)
_ON_IDLE = ", tat = :micros + rateStep, readyAt = :micros + rateIdle"
_ON_LEFT = ", creditsLeft = if_not_exists(creditsLeft, :zero) - :cost"
_ON_REFILL = ", creditsLeft = :refilled, refillAt = :next"


@dataclass(frozen=True, slots=True)
class UpdateVariant:
    """The variant of the write. The first write assumes that the key is busy and no refill is due."""

    idle: bool = False
    refill: ApiKey | None = None
    """The key as it was read, if a refill is due."""


def form_for(key: ApiKey, now: datetime) -> UpdateVariant:
    """Return the variant for a key as it was read."""
    return UpdateVariant(
        idle=key.rate_limit is not None and key.rate_full_at_micros <= to_micros(now),
        refill=key if key.credits is not None and key.credits.refill_is_due(now) else None,
    )


def use(query: KeyQuery, form: UpdateVariant) -> dict[str, Any]:
    """Build the arguments of the `UpdateItem` that counts a use if the key meets all conditions."""
    values: Item = {
        ":now": to_attribute(to_millis(query.now)),
        ":micros": to_attribute(to_micros(query.now)),
        ":month": to_attribute(int(f"{query.now:%Y%m}")),
        ":active": {"S": "active"},
        ":one": {"N": "1"},
    }
    names = {"#status": "status", "#day": f"{DAY}{query.now:%Y%m%d}"}
    condition = _secret(query, names, values) + _rights(query, values) + (_IDLE if form.idle else _BUSY)
    update = _COUNTED + (_ON_IDLE if form.idle else _ON_BUSY)
    if form.refill is None:
        condition += _LEFT
        update += _ON_LEFT
        values[":cost"] = to_attribute(query.cost)
    else:
        condition += _REFILL_DUE
        update += _ON_REFILL + " REMOVE limitTold"
        values |= _refilled(form.refill, query)
    if not form.idle or form.refill is None:
        values[":zero"] = {"N": "0"}
    if query.address is None:
        condition += _FROM_ANYWHERE
    else:
        condition += _FROM_A_RANGE
        values[":ip"] = {"B": query.address}
    return {
        "UpdateExpression": f"SET {update} ADD #day :one",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _secret(query: KeyQuery, names: dict[str, str], values: Item) -> str:
    """Build the condition that the presented secret is valid, and that a token is for the API that verifies."""
    if not query.is_token:
        values[":hash"] = {"B": query.key_hash}
        return _GOOD
    names["#token"] = token_name(query.key_hash)
    if query.audience is None:
        return _GOOD_TOKEN
    audience = query.audience.rstrip("/")
    values |= {":audience": {"S": audience}, ":audienceSlash": {"S": f"{audience}/"}}
    return _GOOD_TOKEN + _FOR_AUDIENCE


def _refilled(seen: ApiKey, query: KeyQuery) -> Item:
    left = seen.credits
    if left is None or left.refill is None or left.refill_at is None:
        raise ValueError("no refill is due")
    return {
        ":seen": to_attribute(to_millis(left.refill_at)),
        ":version": to_attribute(seen.version),
        ":refilled": to_attribute(left.refill.amount - query.cost),
        ":next": to_attribute(to_millis(left.refill.next_after(query.now))),
    }


def _rights(query: KeyQuery, values: Item) -> str:
    """Build the condition that the key has the expected sources and that its own scopes meet the requirement."""
    sources = query.sources
    expected = {
        "profileId": None if sources.profile_id is None else str(sources.profile_id),
        "followedUserId": sources.followed_user_id,
    }
    same = ""
    for name, value in expected.items():
        same += f" AND attribute_not_exists({name})" if value is None else f" AND {name} = :{name}"
        if value is not None:
            values[f":{name}"] = {"S": value}
    return same if query.required == NOTHING else f"{same} AND {_tree(query.required, values)}"


def _tree(required: Requirement, values: Item) -> str:
    match required:
        case Scope(name, held):
            return ("" if held else "NOT ") + _granted(name, values)
        case InAccount(account_id, held):
            name = f":a{len(values)}"
            values[name] = {"S": account_id}
            return f"accountId {'=' if held else '<>'} {name}"
        case Joined(how, parts):
            return _join([_tree(part, values) for part in parts], how)


def _granted(scope: str, values: Item) -> str:
    names = []
    for alternative in alternatives(scope):
        name = f":s{len(values)}"
        values[name] = {"S": alternative}
        names.append(f"contains(scopes,{name})")
    return _join(names, "or")


def _join(conditions: Sequence[str], how: str) -> str:
    """Join conditions with `and` or `or`. An empty `and` is true, an empty `or` is false.

    DynamoDB refuses redundant parentheses.
    """
    if not conditions:
        return "attribute_exists(id)" if how == "and" else "attribute_not_exists(id)"
    return conditions[0] if len(conditions) == 1 else f"({f' {how.upper()} '.join(conditions)})"
