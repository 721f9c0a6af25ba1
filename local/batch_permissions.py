"""Lets roles that may do one of a thing do a batch of them, which the emulator takes for another permission.

AWS has no such action as `sqs:SendMessageBatch`: a batch is allowed by the action of one message, and a batch of
PartiQL statements by what each of them does. The emulator asks for the batch's own name, which has no place in
template.yaml, and does not see which tables statements are about.
"""

import json
from typing import Any

from local.emulator import EmulatedAccount

BATCH_ACTIONS = {
    "sqs:SendMessage": "sqs:SendMessageBatch",
    "sqs:DeleteMessage": "sqs:DeleteMessageBatch",
    "sqs:ChangeMessageVisibility": "sqs:ChangeMessageVisibilityBatch",
}

STATEMENT = "dynamodb:PartiQLInsert"
STATEMENTS: dict[str, Any] = {"Effect": "Allow", "Action": ["dynamodb:BatchExecuteStatement"], "Resource": "*"}


def allow_batches(account: EmulatedAccount) -> None:
    """Add the batch's action to every inline policy of the account's roles that has the single one."""
    iam = account.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = {"RoleName": role["RoleName"]}
            for policy in iam.list_role_policies(**name)["PolicyNames"]:
                document = iam.get_role_policy(**name, PolicyName=policy)["PolicyDocument"]
                if add_batch_actions(document):
                    iam.put_role_policy(**name, PolicyName=policy, PolicyDocument=json.dumps(document))


def add_batch_actions(document: dict[str, Any]) -> bool:
    """Whether the document has changed."""
    changed = False
    for statement in document["Statement"]:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        missing = [BATCH_ACTIONS[one] for one in actions if one in BATCH_ACTIONS and BATCH_ACTIONS[one] not in actions]
        statement["Action"] = [*actions, *missing]
        changed = changed or bool(missing)
    if STATEMENTS not in document["Statement"] and any(STATEMENT in each["Action"] for each in document["Statement"]):
        document["Statement"].append(STATEMENTS)
        changed = True
    return changed
