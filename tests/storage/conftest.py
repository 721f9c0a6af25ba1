"""The tables on Amazon's DynamoDB Local, whose conditions, transactions and limits are those of DynamoDB."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from latchhook.api_keys.verification import KeyVerifier
from latchhook.members.owners import MemberOwners
from latchhook.storage.api_keys_table import ApiKeysTable
from latchhook.storage.attributes import from_item
from latchhook.storage.audit_items import AuditItems
from latchhook.storage.audit_log import AuditLog
from latchhook.storage.database import Database
from latchhook.storage.deliveries_table import DeliveriesTable
from latchhook.storage.due_keys_table import DueKeysTable
from latchhook.storage.idempotency_items import CompletedRequestsTable
from latchhook.storage.key_uses_table import KeyUsesTable
from latchhook.storage.members_table import MembersTable
from latchhook.storage.memberships import MembershipsTable
from latchhook.storage.parked_deliveries import ParkedDeliveriesTable
from latchhook.storage.profiles_table import ProfilesTable
from latchhook.storage.recoverable_deliveries import RecoverableDeliveries
from latchhook.storage.recoveries_table import RecoveriesTable
from latchhook.storage.reservations import ReservationsTable
from latchhook.storage.webhooks_table import WebhooksTable
from tests.dynamodb_local_clients import new_client
from tests.samples import PREFIX
from tests.template_tables import API_KEYS, DELIVERIES, SETTINGS, create_tables

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class Store:
    """All tables, and a count of the calls to them."""

    def __init__(self, client: "DynamoDBClient") -> None:
        create_tables(client)
        self.client = client
        self.database = Database(client, rng=Random(1))
        self.audit_items = audit = AuditItems(SETTINGS, retention_days=365)
        self.audit = AuditLog(self.database, audit=audit)
        self.keys = ApiKeysTable(self.database, table=API_KEYS, text_prefix=PREFIX, audit=audit)
        self.uses = KeyUsesTable(self.database, table=API_KEYS, audit=audit, rng=Random(2))
        self.due_keys = DueKeysTable(self.database, table=API_KEYS, audit=audit, rng=Random(3))
        self.settings = WebhooksTable(self.database, audit=audit)
        self.profiles = ProfilesTable(self.database, audit=audit)
        self.members = MembersTable(self.database, audit=audit)
        self.owners = MemberOwners(MembershipsTable(self.database, table=SETTINGS), operator_account_id="")
        self.verifier = self.new_verifier()
        self.deliveries = DeliveriesTable(self.database, table=DELIVERIES, settings_table=SETTINGS, retention_days=30)
        self.recoveries = RecoveriesTable(self.database, table=DELIVERIES, audit=audit, retention_days=30)
        self.parked = ParkedDeliveriesTable(self.database, table=DELIVERIES, retention_days=30)
        self.reservations = ReservationsTable(self.database, table=DELIVERIES)
        self.recoverable = RecoverableDeliveries(self.database, self.parked, table=DELIVERIES)
        self.requests = CompletedRequestsTable(self.database, table=SETTINGS)
        self.calls: Counter[str] = Counter()
        client.meta.events.register("before-call.dynamodb", self._count)

    def new_verifier(self) -> KeyVerifier:
        """Return a verifier that remembers nothing yet."""
        return KeyVerifier(PREFIX, self.uses, self.uses, lambda: self.profiles, lambda: self.owners)

    def _count(self, model: Any, **_: Any) -> None:
        self.calls[model.name] += 1

    @contextmanager
    def consumed(self) -> Iterator[list[dict[str, Any]]]:
        """Collect the consumed capacity of each call, per table and index."""
        told: list[dict[str, Any]] = []

        def send_request(params: dict[str, Any], **_: Any) -> None:
            params["ReturnConsumedCapacity"] = "INDEXES"

        def note(parsed: dict[str, Any], **_: Any) -> None:
            consumed = parsed.get("ConsumedCapacity", [])
            told.extend(consumed if isinstance(consumed, list) else [consumed])

        self.client.meta.events.register("provide-client-params.dynamodb", send_request)
        self.client.meta.events.register("after-call.dynamodb", note)
        yield told
        self.client.meta.events.unregister("provide-client-params.dynamodb", send_request)
        self.client.meta.events.unregister("after-call.dynamodb", note)

    def items(self, table: str) -> list[dict[str, Any]]:
        """Return all items of a table. Only tests scan."""
        found = self.client.scan(TableName=table, ConsistentRead=True)
        assert "LastEvaluatedKey" not in found
        return [from_item(item) for item in found["Items"]]

    def audit_log(self, account_id: str) -> list[dict[str, Any]]:
        """Return the account's audit entries, oldest first."""
        response = self.client.query(
            TableName=SETTINGS,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues={":pk": {"S": f"AUDIT#{account_id}"}},
        )
        return [from_item(item) for item in response["Items"]]


@pytest.fixture
def store(dynamodb_local_url: str) -> Store:
    """Empty tables on Amazon's DynamoDB Local, for up to 256 concurrent callers."""
    return Store(new_client(dynamodb_local_url, connections=256))
