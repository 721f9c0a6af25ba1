"""Adds the batch permissions that the emulator requires and AWS does not have.

In AWS, the permission for one message, such as `sqs:SendMessage`, also covers a batch of messages, and the permissions
of the single statements cover a batch of PartiQL statements. The emulator requires a permission with the batch's own
name, which does not belong in template.yaml. It also does not see the tables of PartiQL statements.
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
    """Add the batch action to every inline role policy of the account that has the single action."""
    iam = account.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = {"RoleName": role["RoleName"]}
            for policy in iam.list_role_policies(**name)["PolicyNames"]:
                document = iam.get_role_policy(**name, PolicyName=policy)["PolicyDocument"]
                if add_batch_actions(document):
                    iam.put_role_policy(**name, PolicyName=policy, PolicyDocument=json.dumps(document))


def add_batch_actions(document: dict[str, Any]) -> bool:
    """Add the missing batch actions to a policy document. Return whether the document has changed."""
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
