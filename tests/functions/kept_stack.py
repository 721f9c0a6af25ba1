"""Copies of the stack in moto's memory: the empty stack of each test, and the prepared stack of each fault."""

from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import dataclass
from threading import Condition
from typing import Any

from moto.backends import get_backend

from tests.functions.environment import AWS_ACCOUNT, REGION


@dataclass(frozen=True)
class Stack:
    """The tables with their items and streams, the queues with their messages, keys, secrets and schedules."""

    tables: Any
    queues: Any
    keys: Any
    secrets: Any
    schedule_groups: Any

    def copy(self) -> "Stack":
        """Return a copy. Changes of the original do not affect it."""
        # A lock cannot be copied, so each queue gets a new one. Encryption does not change keys.
        locks = {id(queue._messages_lock): Condition() for queue in self.queues.values()}
        keys = {key_id: copy(key) for key_id, key in self.keys.items()}
        queues, secrets = deepcopy(self.queues, locks), deepcopy(self.secrets)
        return Stack(deepcopy(self.tables), queues, keys, secrets, deepcopy(self.schedule_groups))


_empty: list[Stack] = []


def make_stack(make: Callable[[], None]) -> None:
    """Copy the stack of `make` into the empty moto. Only the first call in a process calls `make`."""
    if not _empty:
        make()
        _empty.append(copy_of_stack())
        return
    put_stack(_empty[0])


def copy_of_stack() -> Stack:
    """Return a copy of the current stack."""
    dynamodb, sqs, kms, secrets, scheduler = _backends()
    return Stack(dynamodb.tables, sqs.queues, kms.keys, secrets.secrets, scheduler.schedule_groups).copy()


def put_stack(kept: Stack) -> None:
    """Replace the current stack by a copy of `kept`."""
    made = kept.copy()
    dynamodb, sqs, kms, secrets, scheduler = _backends()
    dynamodb.tables, sqs.queues, kms.keys, secrets.secrets = made.tables, made.queues, made.keys, made.secrets
    scheduler.schedule_groups = made.schedule_groups


def _backends() -> tuple[Any, ...]:
    services = ("dynamodb", "sqs", "kms", "secretsmanager", "scheduler")
    return tuple(get_backend(service)[AWS_ACCOUNT][REGION] for service in services)  # type: ignore[call-overload]
