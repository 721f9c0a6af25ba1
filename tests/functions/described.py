"""Every authenticated endpoint as openapi.json describes it: callers, parameters and bodies."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from latchhook.bootstrap.deliveries import deliveries_table
from latchhook.bootstrap.recoveries import recoveries_table
from latchhook.permissions.scopes import CUSTOMER_SCOPES, MEMBER_SCOPES, OPERATOR_SCOPES
from latchhook.webhooks.delivery import DeliveryTask
from local.tokens import OPERATOR_ACCOUNT_ID
from tests.functions.callers import (
    ACCOUNT,
    admin,
    holder,
    made_key,
    made_member,
    made_portal_session,
    made_profile,
    made_webhook,
    operator,
)
from tests.functions.calls import ROOT, Answered, Caller, call, own_event
from tests.functions.oauth.apps import made_client, made_grant
from tests.samples import attempt, entry, event, recovery
from tests.template_tables import snake_case

DOCUMENT = ROOT / "functions" / "reference" / "openapi.json"

_MAKERS: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
    "api-keys": lambda account_id: made_key(account_id=account_id),
    "permission-profiles": made_profile,
    # Use a closed port, because a test delivery is sent at once.
    "portal-sessions": made_portal_session,
    "oauth-clients": made_client,
    "oauth-grants": made_grant,
    "webhooks": lambda account_id: made_webhook("http://127.0.0.1:1/", account_id),
}
"""By the path part before `{id}`: the function that creates such an object."""


@dataclass(frozen=True)
class Endpoint:
    """One operation of the document."""

    method: str
    path: str
    content: Mapping[str, Any]

    @property
    def function(self) -> str:
        """The function that implements it."""
        return snake_case(self.content["operationId"])

    @property
    def schemes(self) -> set[str]:
        """The accepted credentials. Each of them is sufficient."""
        return {scheme for alternative in self.content["security"] for scheme in alternative}

    @property
    def takes_sessions(self) -> bool:
        return "sessionToken" in self.schemes

    @property
    def takes_keys(self) -> bool:
        return "apiKey" in self.schemes

    @property
    def is_for_keys(self) -> bool:
        """Whether a key can have the scope. Only admins and the operator have member scopes."""
        return self.takes_keys and self.scope not in MEMBER_SCOPES

    @property
    def scope(self) -> str | None:
        """The scope that it requires."""
        return self.content.get("x-required-scope")

    @property
    def is_operators(self) -> bool:
        """Whether only the operator may call it."""
        return self.scope in OPERATOR_SCOPES

    @property
    def parameters(self) -> set[str]:
        """The names of its shared parameters."""
        return {each["$ref"].rpartition("/")[2] for each in self.content["parameters"] if "$ref" in each}

    @property
    def has_thing(self) -> bool:
        """Whether its path contains an object's id."""
        return "id" in self.parameters

    @property
    def statuses(self) -> set[int]:
        """The statuses of its responses."""
        return {int(status) for status in self.content["responses"]}

    @property
    def example(self) -> Mapping[str, Any]:
        """The body of the document's example, as an argument of `call`."""
        if "requestBody" not in self.content:
            return {}
        return {"body": self.content["requestBody"]["content"]["application/json"]["example"]}

    @property
    def account_id(self) -> str:
        """An account whose keys may call it."""
        return OPERATOR_ACCOUNT_ID if self.is_operators else ACCOUNT

    def made_thing(self, account_id: str = ACCOUNT) -> str | None:
        """Create an object for the path and return its id, or return None if the path has no id."""
        if "userId" in self.parameters:
            made_member(own_event(self.function)["pathParameters"]["userId"], account_id)
        if not self.has_thing:
            return None
        kind = self.path.partition("/{id}")[0].rpartition("/")[2]
        object_id = str(_MAKERS[kind](account_id)["id"])
        if "deliveryId" in self.parameters:
            keep_delivery(account_id, object_id, own_event(self.function)["pathParameters"]["deliveryId"])
        if "recoveryId" in self.parameters:
            keep_recovery(account_id, object_id, own_event(self.function)["pathParameters"]["recoveryId"])
        return object_id

    def made_key(self, **settings: Any) -> dict[str, Any]:
        """Create a key that may call it and return the response body. A key cannot have a member scope."""
        scopes = [self.scope] if self.scope and self.is_for_keys else []
        return made_key(*scopes, account_id=self.account_id, **settings)

    def key_without_scope(self) -> str:
        """Create a key with every scope except the required scope and return its text."""
        others = CUSTOMER_SCOPES if self.account_id == ACCOUNT else CUSTOMER_SCOPES | OPERATOR_SCOPES
        return str(made_key(*sorted(others - {self.scope}), account_id=self.account_id)["key"])

    def allowed(self) -> Caller:
        """Return a caller with the right to call this endpoint, with a session if the endpoint accepts sessions."""
        if not self.takes_sessions:
            return holder(self.made_key()["key"])
        return operator() if self.is_operators else admin()

    def call(self, caller: Caller, **changes: Any) -> Answered:
        """Call it with the document's example."""
        content = {} if "raw" in changes else self.example
        return call(self.function, caller, **{**content, **changes})


def keep_delivery(account_id: str, webhook_id: str, delivery_id: str) -> None:
    """Store a delivery that failed once, and its event."""
    of = event(f"of {webhook_id}", account_id=account_id)
    task = DeliveryTask(account_id, UUID(webhook_id), of.id, UUID(delivery_id), attempt=1)
    deliveries = deliveries_table()
    deliveries.record_once(of, receipt=of.id)
    deliveries.record([attempt(task, status="failed", response_status=500)])


def keep_recovery(account_id: str, webhook_id: str, recovery_id: str) -> None:
    """Store a running recovery."""
    kept = recovery(id=UUID(recovery_id), account_id=account_id, webhook_id=UUID(webhook_id))
    recoveries_table().start(kept, entry(account_id), takes_offer=False)


@cache
def described() -> Mapping[str, Endpoint]:
    """Return every endpoint that accepts session tokens or API keys, by function name."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    every = [
        Endpoint(method.upper(), path, content)
        for path, methods in document["paths"].items()
        for method, content in methods.items()
    ]
    return {each.function: each for each in every if each.schemes & {"sessionToken", "apiKey"}}
