"""Records the IAM permissions that each function uses."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from latchhook import aws
from tests.functions import calls
from tests.functions.environment import ENVIRONMENT
from tests.template_tables import SETTINGS, snake_case, template

Permission = tuple[str, str]

WRITES = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")


class Needed:
    """The used permissions by function, and the prefixes of the partition keys that it writes in the settings table."""

    def __init__(self) -> None:
        self.permissions: dict[str, set[Permission]] = defaultdict(set)
        self.prefixes: dict[str, set[Permission]] = defaultdict(set)

    def note(self, function: str, service: str, operation: str, params: Mapping[str, Any]) -> None:
        """Add one AWS call of a function."""
        self.permissions[function] |= set(_permissions(service, operation, params))
        if service == "dynamodb":
            self.prefixes[function] |= set(_written_prefixes(operation, params))


_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
_PASSED_ROLE = "RetryScheduleRole"


@contextmanager
def recording() -> Iterator[Needed]:
    """Record the permissions of all AWS calls that functions make while the context lasts."""
    needed = Needed()
    roles = template()["Resources"]["ReadMemberships"]["Properties"]["Roles"]
    with_sessions = {snake_case(role["Ref"].removesuffix("Role")) for role in roles}

    def note(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        assert calls.running, "a call outside of any function"
        if params.get("SecretId") == ENVIRONMENT["JWT_SECRET_ARN"]:
            return  # once for all functions of this process, allowed by the policy ReadJwtSecret
        function = calls.running[-1].function
        if function in with_sessions and model.name == "BatchGetItem" and _reads_membership(params):
            return  # allowed by the policy ReadMemberships
        needed.note(function, model.service_model.service_name, model.name, params)

    with ExitStack() as stack:
        for client in (aws.dynamodb(), aws.sqs(), aws.kms(), aws.scheduler(), aws.secretsmanager()):
            events = client.meta.events
            events.register("provide-client-params", note)
            stack.callback(events.unregister, "provide-client-params", note)
        yield needed


def _reads_membership(params: Mapping[str, Any]) -> bool:
    keys = [key for table in params["RequestItems"].values() for key in table["Keys"]]
    return str(keys[0].get("sk", {}).get("S", "")).startswith("MEMBER#")


def _written_prefixes(operation: str, params: Mapping[str, Any]) -> Iterator[Permission]:
    """Yield each write action on the settings table with the partition key up to its `#`."""
    writes = [(operation, params)]
    if operation == "TransactWriteItems":
        writes = [(_WRITES[kind], write) for item in params["TransactItems"] for kind, write in item.items()]
    for name, write in writes:
        if f"dynamodb:{name}" in WRITES and write["TableName"] == SETTINGS:
            owner = write["Item" if "Item" in write else "Key"]["pk"]["S"]
            beginning, separator, _ = owner.partition("#")
            yield f"dynamodb:{name}", beginning + ("#*" if separator else "")


def _permissions(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[Permission]:
    match service, operation:
        case "dynamodb", "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem":
            yield f"dynamodb:{operation}", params["TableName"]
        case "dynamodb", "Query":
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            yield "dynamodb:Query", params["TableName"] + index
        case "dynamodb", "BatchGetItem" | "BatchWriteItem":
            yield from ((f"dynamodb:{operation}", table) for table in params["RequestItems"])
        case "dynamodb", "BatchExecuteStatement":
            for statement in params["Statements"]:
                assert statement["Statement"].startswith("INSERT INTO ")
                yield "dynamodb:PartiQLInsert", statement["Statement"].split('"')[1]
        case "dynamodb", "TransactWriteItems":
            for item in params["TransactItems"]:
                ((kind, write),) = item.items()
                yield f"dynamodb:{_WRITES[kind]}", write["TableName"]
        case "sqs", "SendMessage" | "SendMessageBatch":
            yield "sqs:SendMessage", params["QueueUrl"].rpartition("/")[2]
        case "kms", "Encrypt" | "Decrypt":
            yield f"kms:{operation}", params["KeyId"].removeprefix("alias/")
        case "scheduler", "CreateSchedule":
            assert params["Name"].startswith("latchhook-")
            assert params["Target"]["RoleArn"] == ENVIRONMENT["RETRY_SCHEDULE_ROLE_ARN"]
            yield "scheduler:CreateSchedule", "schedule/default/latchhook-*"
            yield "iam:PassRole", _PASSED_ROLE
        case "secretsmanager", _:
            yield f"secretsmanager:{operation}", "secret:*"
        case _:
            raise AssertionError(f"{service}:{operation} has no permission in this test")
