"""What API Gateway asks a Lambda authorizer and wants to hear, for HTTP and REST APIs.

Source: API Gateway developer guide, "Control access to HTTP APIs with Lambda authorizers" (payload 2.0) and "Use API
Gateway Lambda authorizers" (REST).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from latchhook.api_keys.verification import Verdict


@dataclass(frozen=True, slots=True)
class AuthorizerCall:
    """One question: the key as it was sent, and the method it is for (None: an HTTP API's simple response)."""

    key_text: str = field(repr=False)
    method_arn: str | None


def read_call(event: Mapping[str, Any]) -> AuthorizerCall:
    """Reads any of the three payloads. No key at all is an empty text, which is no key."""
    if event.get("type") == "TOKEN":
        return AuthorizerCall(event["authorizationToken"], event["methodArn"])
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    key_text = headers.get("x-api-key", "")
    if event.get("version") == "2.0":
        return AuthorizerCall(key_text, None)
    return AuthorizerCall(key_text, event["methodArn"])


def response(call: AuthorizerCall, verdict: Verdict) -> Mapping[str, Any]:
    """Yes or no, and for a yes who it is: strings, as REST APIs take nothing else."""
    key = verdict.key
    context: dict[str, str] = {"code": verdict.code}
    if verdict.valid and key is not None:
        context |= {"accountId": key.account_id, "keyId": str(key.id), "scopes": " ".join(key.scopes)}
    if call.method_arn is None:
        return {"isAuthorized": verdict.valid, "context": context}
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow" if verdict.valid else "Deny",
        "Resource": call.method_arn,
    }
    return {
        "principalId": "unknown" if key is None else str(key.id),
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
