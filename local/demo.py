"""The demo of `make run`: shows and checks each step of Latchhook's main job."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

import requests
from rich.markup import escape
from standardwebhooks import Webhook as StandardWebhook

from local.errors import LocalStackError
from local.receiver import Behaviour, ReceivedRequest, Receiver
from local.stack import RunningStack
from local.terminal import Terminal
from local.tokens import ACCOUNT_ID

DELIVERY_TIMEOUT_SECONDS = 60
SHOWN_HEADERS = ("content-type", "webhook-id", "webhook-timestamp", "webhook-signature")


class DemoFailedError(LocalStackError):
    """A step of the demo had an unexpected result."""


def show_demo(stack: RunningStack, receiver: Receiver, terminal: Terminal) -> None:
    """Run all steps against the deployed stack. Raise DemoFailedError at the first unexpected result."""
    _Demo(stack, receiver, terminal).run()


@dataclass
class _Demo:
    stack: RunningStack
    receiver: Receiver
    terminal: Terminal

    def run(self) -> None:
        key = self.make_key()
        self.verify_key(key["key"], "VALID", "Verified the key as the platform's backend")
        self.deliver_event()
        self.retry_delivery()
        self.change_settings_secret()
        rotated = self.rotate_key(key)
        self.revoke_key(rotated)
        self.print_log()

    def make_key(self) -> dict[str, Any]:
        """Create a key as an administrator of a customer's account."""
        wanted = {"name": "Warehouse", "scopes": ["orders:read", "api-keys:read"]}
        key = self.call("POST", "/api-keys", 201, body=wanted)
        expect(key["key"].startswith(key["prefix"]), "The key should begin with its prefix.")
        self.terminal.done(f"Created an API key: [bold]{escape(key['prefix'])}…[/bold] for {', '.join(key['scopes'])}")
        return key

    def verify_key(self, text: str, code: str, intent: str) -> None:
        """Verify a key as the platform's backend."""
        token = self.stack.tokens.operator_token()
        verdict = self.call("POST", "/api-keys/verify", 200, body={"key": text}, token=token)
        expect(verdict["code"] == code, f"The verification should return {code}, but returned {verdict['code']}.")
        expect(verdict["valid"] == (code == "VALID"), f"`valid` should match the code {code}.")
        self.terminal.done(f"{intent}: [bold]{code}[/bold]")

    def deliver_event(self) -> None:
        """Publish an event and check the signed request at the account's webhook."""
        hook = self.register_webhook("/orders", "order.created")
        self.terminal.done(f"Registered a webhook for {', '.join(hook['events'])} at {hook['url']}")
        event_id = self.publish("order.created", {"number": 1001, "total": "49.90"}, external_id="ORDER-1001")
        with self.terminal.waiting("Waiting for the delivery"):
            request = self.wait_for(1, "/orders")[0]
        self.terminal.done(f"Published the event {event_id}. The receiver got this request:")
        self.show_request(request)
        self.check_signatures(request, hook["secret"])

    def retry_delivery(self) -> None:
        """Let a receiver fail twice, and check that the delivery is retried until it succeeds."""
        self.receiver.response("/flaky", Behaviour(statuses=[500, 503, 200]))
        hook = self.register_webhook("/flaky", "stock.low")
        self.publish("stock.low", {"sku": "A-7", "left": 3}, external_id="SKU-A-7")
        with self.terminal.waiting("Waiting for a delivery that fails twice and then succeeds"):
            attempts = self.wait_for(3, "/flaky")
        responses = [attempt.status for attempt in attempts]
        expect(responses == [500, 503, 200], f"The responses should be 500, 503, 200, but were {responses}.")
        ids = {attempt.headers["webhook-id"] for attempt in attempts}
        expect(len(ids) == 1, "Every attempt of a delivery should have the same webhook-id.")
        for attempt in attempts:
            StandardWebhook(hook["secret"]).verify(attempt.body, dict(attempt.headers))
        waits = [attempt.received_at - attempts[0].received_at for attempt in attempts]
        when = ", ".join(f"{status} after {wait:.1f} s" for status, wait in zip(responses, waits, strict=True))
        self.terminal.done(
            f"Delivered to a receiver that fails twice, in three attempts with the same webhook-id: {when}"
        )

    def change_settings_secret(self) -> None:
        """Rotate the secret of the account's default webhook. The old secret signs no further deliveries."""
        url = {"webhookUrl": self.receiver.url("/default")}
        expect(self.call("PUT", "/integration/webhook-settings", 200, body=url)["success"], "PUT should succeed.")
        before = self.call("GET", "/integration/webhook-settings", 200)
        after = self.call("POST", "/integration/webhook-settings/rotate-secret", 200)
        expect(before["webhookSecret"] != after["webhookSecret"], "Rotation should create a new secret.")
        self.publish("order.paid", {"number": 1001}, external_id="ORDER-1001")
        with self.terminal.waiting("Waiting for the delivery to the rotated webhook"):
            request = self.wait_for(1, "/default")[0]
        StandardWebhook(after["webhookSecret"]).verify(request.body, dict(request.headers))
        signed_by_old = self.hex_signature(request.body, before["webhookSecret"])
        expect(request.headers[self.signature_header] != signed_by_old, "The old secret should no longer sign.")
        self.terminal.done("Rotated the webhook settings' secret. The next delivery is signed with the new secret only")

    def rotate_key(self, key: dict[str, Any]) -> dict[str, Any]:
        """Rotate the key without a grace period. The key keeps its id."""
        rotated = self.call("POST", f"/api-keys/{key['id']}/rotate", 200, body={"gracePeriodSeconds": 0})
        expect(rotated["id"] == key["id"], "A rotated key should keep its id.")
        self.terminal.done(
            f"Rotated the key. Its id is the same, its new secret is [bold]{escape(rotated['key'][:16])}…[/bold]"
        )
        self.verify_key(rotated["key"], "VALID", "The new secret")
        old = self.call_with_key(key["key"])
        expect(old.status_code == 401, f"The old secret should get 401, but got {old.status_code}.")
        self.terminal.done("The old secret: [bold]401[/bold]")
        return rotated

    def revoke_key(self, key: dict[str, Any]) -> None:
        """Revoke the key, and check that the next request with it is refused."""
        before = self.call_with_key(key["key"])
        expect(
            before.status_code == 200, f"The key should get 200 before its revocation, but got {before.status_code}."
        )
        self.call("DELETE", f"/api-keys/{key['id']}", 204)
        after = self.call_with_key(key["key"])
        expect(after.status_code == 401, f"The revoked key should get 401, but got {after.status_code}.")
        expect("WWW-Authenticate" in after.headers, "A 401 should have the header WWW-Authenticate.")
        self.terminal.done(
            "GET /api-keys with the key: 200. Revoked the key. The next request with it: [bold]401[/bold]"
        )
        self.terminal.quote(after.text)

    def print_log(self) -> None:
        """Print the account's delivery log in the format of GET /integration/webhook-deliveries."""
        deliveries = self.call("GET", "/integration/webhook-deliveries", 200)["deliveries"]
        retried = [one["status"] for one in deliveries if one["externalId"] == "SKU-A-7"]
        expect(
            retried[-3:] == ["success", "failed", "failed"],
            f"The delivery log should have two failed attempts and a success, but has {retried}.",
        )
        columns = ["eventType", "externalId", "status", "errorMessage"]
        rows = [[one["createdAt"][11:19], *(str(one[column] or "") for column in columns)] for one in deliveries]
        self.terminal.table("The delivery log, newest first", ["createdAt", *columns], rows)

    @property
    def signature_header(self) -> str:
        return f"{self.stack.parameters['SignatureHeaderPrefix']}-Signature".lower()

    def register_webhook(self, path: str, event: str) -> dict[str, Any]:
        return self.call("POST", "/webhooks", 201, body={"url": self.receiver.url(path), "events": [event]})

    def publish(self, event: str, entity: dict[str, Any], external_id: str) -> str:
        body = {"accountId": ACCOUNT_ID, "event": event, "entity": entity, "externalId": external_id}
        response = self.call("POST", "/events", 202, body=body, api_key=self.stack.operator_api_key)
        return str(response["id"])

    def wait_for(self, count: int, path: str) -> list[ReceivedRequest]:
        try:
            return self.receiver.wait_for(count, DELIVERY_TIMEOUT_SECONDS, path)
        except TimeoutError as error:
            raise DemoFailedError(f"The demo failed: {error}.") from None

    def show_request(self, request: ReceivedRequest) -> None:
        self.terminal.quote(f"{request.method} {request.path}")
        prefix = self.signature_header.removesuffix("signature")
        for name, value in request.headers.items():
            if name in SHOWN_HEADERS or name.startswith(prefix):
                self.terminal.quote(f"{name}: {value}")
        self.terminal.quote(request.body.decode())

    def check_signatures(self, request: ReceivedRequest, secret: str) -> None:
        body = StandardWebhook(secret).verify(request.body, dict(request.headers))
        expect(body == json.loads(request.body), "The verified body should be the received body.")
        self.terminal.done("The package [bold]standardwebhooks[/bold] verifies webhook-signature")
        header = request.headers[self.signature_header]
        expect(
            hmac.compare_digest(header, self.hex_signature(request.body, secret)),
            "The hex signature should be the HMAC-SHA256 of the body.",
        )
        self.terminal.done(f"{self.signature_header} is the HMAC-SHA256 of the body: {header[:23]}…")

    @staticmethod
    def hex_signature(body: bytes, secret: str) -> str:
        return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

    def call_with_key(self, key: str) -> requests.Response:
        return requests.get(f"{self.stack.base_url}/api-keys", headers={"X-API-Key": key}, timeout=60)

    def call(
        self,
        method: str,
        path: str,
        expected_status: int,
        *,
        body: dict[str, Any] | None = None,
        token: str | None = None,
        api_key: str | None = None,
    ) -> dict[str, Any]:
        """Call the API, by default as the account's administrator, and return the response's JSON."""
        bearer = {"Authorization": f"Bearer {token or self.stack.tokens.account_token()}"}
        headers = {"X-API-Key": api_key} if api_key else bearer
        response = requests.request(method, self.stack.base_url + path, json=body, headers=headers, timeout=60)
        expect(
            response.status_code == expected_status,
            f"{method} {path} should return {expected_status}, but returned {response.status_code} {response.text}",
        )
        parsed: dict[str, Any] = response.json() if response.content else {}
        return parsed


def expect(fact: bool, otherwise: str) -> None:
    """Raise DemoFailedError with `otherwise` if `fact` is false."""
    if not fact:
        raise DemoFailedError(f"The demo failed: {otherwise}")
