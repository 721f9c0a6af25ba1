"""The empty stack in moto's memory. API calls create it once per process, and each test gets a copy."""

from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import dataclass
from threading import Condition
from typing import Any

from moto.backends import get_backend

from tests.functions.environment import AWS_ACCOUNT, REGION


@dataclass(frozen=True)
class _Stack:
    tables: Any
    queues: Any
    keys: Any
    secrets: Any

    def copy(self) -> "_Stack":
        # A lock cannot be copied, so each queue gets a new one. Encryption does not change keys.
        locks = {id(queue._messages_lock): Condition() for queue in self.queues.values()}
        keys = {key_id: copy(key) for key_id, key in self.keys.items()}
        return _Stack(deepcopy(self.tables), deepcopy(self.queues, locks), keys, deepcopy(self.secrets))


_kept: list[_Stack] = []


def make_stack(make: Callable[[], None]) -> None:
    """Copy the stack of `make` into the empty moto. Only the first call in a process calls `make`."""
    dynamodb = get_backend("dynamodb")[AWS_ACCOUNT][REGION]
    sqs = get_backend("sqs")[AWS_ACCOUNT][REGION]
    kms = get_backend("kms")[AWS_ACCOUNT][REGION]
    secrets = get_backend("secretsmanager")[AWS_ACCOUNT][REGION]
    if not _kept:
        make()
        _kept.append(_Stack(dynamodb.tables, sqs.queues, kms.keys, secrets.secrets).copy())
        return
    made = _kept[0].copy()
    dynamodb.tables, sqs.queues, kms.keys, secrets.secrets = made.tables, made.queues, made.keys, made.secrets
