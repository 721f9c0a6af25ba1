"""POST /leaked-keys/github: only reports signed by GitHub are accepted, and each account's policy is applied."""

import base64
import io
import json
from collections.abc import Iterator
from hashlib import sha256
from random import Random
from uuid import UUID

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from latchhook.api_keys.key_format import issue_key_text
from local.receiver import Receiver
from tests.functions.callers import ACCOUNT, OTHER_ACCOUNT, admin, made_key, made_webhook, operator
from tests.functions.calls import Answered, call, http_event, invoke, own_event
from tests.functions.cloud import Cloud
from tests.functions.conftest import Fail
from tests.functions.environment import KEY_PREFIX
from tests.functions.github import FUNCTION, Github, labels
from tests.functions.oauth.apps import connected, made_client, own_token, refresh, verified
from tests.github import URL, found
from tests.template_tables import SETTINGS


@pytest.fixture
def github() -> Iterator[Github]:
    with Github() as running:
        running.believed_by_function()
        yield running


def code(key: str) -> str:
    """Return the verification code of a key."""
    return str(call("verify_api_key", operator(), body={"key": key}).body["code"])


def choose(action: str, account_id: str = ACCOUNT) -> None:
    assert call("put_leaked_key_policy", admin(account_id), body={"action": action}).status == 200


def exposures(cloud: Cloud, account_id: str = ACCOUNT) -> list[str]:
    return [action for action in cloud.audit(account_id) if action == "api_key.exposed"]


def test_exposed_key_is_refused_at_once_and_confirmed_to_github(github: Github, cloud: Cloud) -> None:
    leaked, neighbour, others = (
        made_key()["key"],
        made_key()["key"],
        made_key(account_id=OTHER_ACCOUNT)["key"],
    )

    response = github.report(leaked)

    assert response.status == 200
    assert response.body == [
        {
            "token_hash": sha256(leaked.encode()).hexdigest(),
            "token_type": "latchhook_api_key",
            "label": "true_positive",
        }
    ]
    assert [code(key) for key in (leaked, neighbour, others)] == ["DISABLED", "VALID", "VALID"]
    assert (len(exposures(cloud)), len(exposures(cloud, OTHER_ACCOUNT))) == (1, 0)


@pytest.mark.parametrize(("action", "then"), [("tell", "VALID"), ("disable", "DISABLED"), ("revoke", "REVOKED")])
def test_each_accounts_policy_is_applied(action: str, then: str, github: Github, cloud: Cloud) -> None:
    choose(action)
    ours, others = made_key(), made_key(account_id=OTHER_ACCOUNT)

    assert labels(github.report(ours["key"], others["key"])) == ["true_positive"] * 2

    assert (code(ours["key"]), code(others["key"])) == (then, "DISABLED")
    (entry,) = [
        each for each in cloud.items(SETTINGS) if each.get("action") == "api_key.exposed" and ACCOUNT in each["pk"]
    ]
    assert (entry["pk"], entry["targetId"]) == (f"AUDIT#{ACCOUNT}", ours["id"])
    assert (entry["actorKind"], entry["actorId"]) == ("system", "github-secret-scanning")
    assert json.loads(entry["details"]) == {"exposure": {"url": URL, "source": "commit", "action": action}}


@pytest.mark.parametrize("action", ["tell", "disable", "revoke"])
def test_repeated_report_changes_nothing_and_gets_the_same_response(action: str, github: Github, cloud: Cloud) -> None:
    choose(action)
    content = json.dumps([found(made_key()["key"])]).encode()
    headers = github.signature_headers(content)
    first = call(FUNCTION, raw=content, headers=headers)
    before = cloud.contents()

    again = [call(FUNCTION, raw=content, headers=headers) for _ in range(3)]

    assert [each.text for each in again] == [first.text] * 3
    assert cloud.contents() == before


def test_accounts_webhooks_get_one_event_with_the_place_of_the_exposure(
    github: Github, cloud: Cloud, receiver: Receiver
) -> None:
    made = made_key()
    made_webhook(receiver.url("/ours"), events=["api_key.exposed"])
    made_webhook(receiver.url("/others"), account_id=OTHER_ACCOUNT)
    for _ in range(2):
        github.report(made["key"])
        assert cloud.run_streams() == []
        cloud.run_event_path()

    (request,) = [each for each in receiver.requests() if json.loads(each.body)["event"] == "api_key.exposed"]
    event = json.loads(request.body)
    assert (request.path, event["accountId"]) == ("/ours", ACCOUNT)
    assert (event["entity"]["id"], event["entity"]["status"]) == (made["id"], "disabled")
    assert event["entity"]["exposure"] == {"url": URL, "source": "commit", "action": "disable"}
    assert made["key"].encode() not in request.body


def test_each_key_and_place_of_a_report_is_recorded_once(github: Github, cloud: Cloud) -> None:
    choose("tell")
    keys = [made_key()["key"] for _ in range(3)]
    places = [found(key, url=f"https://gist.example/{number}") for key in keys for number in range(2)]

    response = github.send(places + places)

    assert labels(response) == ["true_positive"] * 3
    assert len(exposures(cloud)) == 6


def test_unknown_key_text_is_a_false_positive_and_changes_nothing(github: Github, cloud: Cloud) -> None:
    real = made_key()["key"]
    unknown = issue_key_text(KEY_PREFIX, UUID(int=7), Random(1))
    other_secret = issue_key_text(KEY_PREFIX, UUID(made_key()["id"]), Random(1))
    before = cloud.contents()

    response = github.report(real[:-1] + "!", unknown, other_secret, "ghp_something", " " + real)

    assert labels(response) == ["false_positive"] * 5
    assert cloud.contents() == before


def test_revoked_or_expired_key_is_confirmed_without_an_event(github: Github, cloud: Cloud) -> None:
    revoked, expired = made_key(), made_key(expiresAt="2099-01-01T00:00:00Z")
    call("revoke_api_key", admin(), object_id=revoked["id"])
    cloud.change_key(expired["id"], expiresAt=1)
    before = cloud.contents()

    assert labels(github.report(revoked["key"], expired["key"])) == ["true_positive"] * 2
    assert cloud.contents() == before


def test_previous_secret_is_exposed_only_within_its_grace_period(github: Github, cloud: Cloud) -> None:
    choose("tell")
    for grace, told in ((0, 0), (300, 1)):
        made = made_key()
        call("rotate_api_key", admin(), object_id=made["id"], body={"gracePeriodSeconds": grace})
        assert labels(github.report(made["key"])) == ["true_positive"]
        assert len(exposures(cloud)) == told


@pytest.mark.parametrize("kind", ["access", "refresh", "used refresh"])
def test_exposed_oauth_token_ends_its_grant_once(kind: str, github: Github, cloud: Cloud) -> None:
    made = connected()
    new = refresh(made.client, made.refresh).body
    text = {"access": made.access, "refresh": new["refresh_token"], "used refresh": made.refresh}[kind]
    assert labels(github.report(text)) == ["true_positive"]
    assert verified(new["access_token"])["code"] == "REVOKED"
    assert labels(github.report(text)) == ["true_positive"]
    entries = [item for item in cloud.items("SettingsTable") if item.get("action") == "oauth_grant.revoked"]
    assert [(entry["actorId"], "exposed" in entry["details"]) for entry in entries] == [
        ("github-secret-scanning", True)
    ]
    assert text not in str(entries)


def test_exposed_token_of_a_client_itself_ends_alone(github: Github) -> None:
    machine = made_client(grantTypes=["client_credentials"], redirectUris=[])
    leaked, other = own_token(machine), own_token(machine)
    assert labels(github.report(leaked)) == ["true_positive"]
    assert (verified(leaked)["code"], verified(other)["code"]) == ("NOT_FOUND", "VALID")


def test_unknown_oauth_token_is_a_false_positive_and_ends_nothing(github: Github) -> None:
    made = connected()
    grant_id = UUID(verified(made.access)["grantId"])
    invented = [issue_key_text(prefix, grant_id, Random(1)) for prefix in ("lhat_", "lhrt_")]
    assert labels(github.report(*invented, made.access + "x", "lhat_x")) == ["false_positive"] * 4
    assert verified(made.access)["code"] == "VALID"


def test_empty_report_is_accepted(github: Github) -> None:
    assert labels(github.send([])) == []


# ---- Signatures ----


def test_example_event_with_placeholder_signature_is_401(github: Github, cloud: Cloud) -> None:
    before = cloud.contents()
    returned = invoke(FUNCTION, own_event(FUNCTION))
    response = Answered(returned["statusCode"], returned["headers"], returned["body"])
    assert (response.status, response.code) == (401, "invalid_signature")
    assert response.headers["www-authenticate"]
    assert cloud.contents() == before


def test_report_without_githubs_signature_is_401_with_any_credential(github: Github, cloud: Cloud) -> None:
    content = json.dumps([found(made_key()["key"])]).encode()
    good = dict(github.signature_headers(content))
    stranger = ec.generate_private_key(ec.SECP256R1()).sign(content, ec.ECDSA(SHA256()))
    no_headers = {"github-public-key-identifier": "", "github-public-key-signature": ""}
    before = cloud.contents()
    for flaw, headers in {
        "no signature": no_headers,
        "operator": {**operator(), **no_headers},
        "admin": {**admin(), **no_headers},
        "signature alone": {**good, "github-public-key-identifier": ""},
        "unknown key": {**good, "github-public-key-identifier": "0" * 64},
        "stranger": {**good, "github-public-key-signature": base64.b64encode(stranger).decode()},
        "other content": dict(github.signature_headers(content + b" ")),
        "no base64": {**good, "github-public-key-signature": "?"},
        "cut": {**good, "github-public-key-signature": good["github-public-key-signature"][:-4]},
    }.items():
        response = call(FUNCTION, raw=content, headers=headers)
        assert response.status == 401, flaw
        assert response.code in {"missing_signature", "invalid_signature"}, flaw
    assert cloud.contents() == before


def test_changed_body_is_401(github: Github, cloud: Cloud) -> None:
    content = json.dumps([found(made_key()["key"])]).encode()
    headers = github.signature_headers(content)
    before = cloud.contents()
    for changed in (content.replace(b"commit", b"commix"), content + b"\n", b"[]", b"{", b""):
        assert call(FUNCTION, raw=changed, headers=headers).status == 401
    assert cloud.contents() == before


def test_unavailable_public_keys_are_503_instead_of_401(github: Github, cloud: Cloud, log: io.StringIO) -> None:
    key = made_key()["key"]
    github.status = 500
    before = cloud.contents()

    response = github.report(key)

    assert (response.status, response.code) == (503, "temporarily_unavailable")
    assert cloud.contents() == before
    assert "public keys: HTTP 500" in log.getvalue()


# ---- Contents of a report ----


@pytest.mark.parametrize(
    ("document", "pointers"),
    [({}, [""]), ([7], ["/0"]), ([{"url": "x"}], ["/0/token"]), ([found("a"), {"token": 7}], ["/1/token"])],
)
def test_signed_body_that_is_no_report_is_422(
    document: object, pointers: list[str], github: Github, cloud: Cloud
) -> None:
    before = cloud.contents()
    response = github.send(document)
    assert (response.status, response.pointers) == (422, pointers)
    assert cloud.contents() == before


def test_signed_invalid_json_is_400_and_over_256_kib_is_413(github: Github) -> None:
    assert call(FUNCTION, raw=b"[", headers=github.signature_headers(b"[")).status == 400
    large = b"[" + b" " * 256 * 1024 + b"]"
    assert call(FUNCTION, raw=large, headers=github.signature_headers(large)).status == 413


# ---- Outages ----


def test_database_outage_is_503_and_the_report_can_be_repeated(github: Github, fail: Fail) -> None:
    key = made_key()["key"]
    with fail(EndpointConnectionError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")):
        assert github.report(key).status == 503
    assert code(key) == "VALID"

    assert labels(github.report(key)) == ["true_positive"]
    assert code(key) == "DISABLED"


@pytest.mark.parametrize("operation", ["GetItem", "BatchGetItem", "TransactWriteItems", "PutItem"])
@pytest.mark.parametrize("action", ["disable", "revoke"])
def test_report_repeated_after_a_crash_has_the_same_result(
    operation: str, action: str, github: Github, cloud: Cloud, fail_operation: Fail
) -> None:
    choose(action)
    key = made_key()["key"]
    crash = ClientError({"Error": {"Code": "InternalServerError", "Message": "oops"}}, operation)
    with fail_operation("dynamodb", operation, crash):
        assert github.report(key).status == 503

    assert labels(github.report(key)) == ["true_positive"]

    assert code(key) == {"disable": "DISABLED", "revoke": "REVOKED"}[action]
    entries = [each for each in cloud.items(SETTINGS) if each.get("action") == "api_key.exposed"]
    assert len({each["sk"].partition("#")[2] for each in entries}) == 1


def test_report_without_enough_time_is_503_and_can_be_repeated(github: Github) -> None:
    key = made_key()["key"]
    content = json.dumps([found(key)]).encode()
    event = http_event(FUNCTION, {}, headers=github.signature_headers(content)) | {"body": content.decode()}

    assert invoke(FUNCTION, event, millis_left=3_000)["statusCode"] == 503
    assert code(key) == "VALID"
    assert invoke(FUNCTION, event, millis_left=3_001)["statusCode"] == 200
    assert code(key) == "DISABLED"


def test_no_key_text_is_in_a_response_or_in_the_log(github: Github, cloud: Cloud, log: io.StringIO) -> None:
    key, guess = made_key()["key"], issue_key_text(KEY_PREFIX, UUID(int=7), Random(1))
    url = f"https://github.com/octocat/{key}.txt"
    told = [github.report(key, guess, url=url).text, github.send([found(guess), {"token": 7, "url": key}]).text]
    github.status = 500
    told.append(github.report(key).text)

    assert "leak report" in log.getvalue()
    for text in (*told, log.getvalue(), json.dumps(cloud.items(SETTINGS), default=str)):
        assert key not in text
        assert guess not in text
