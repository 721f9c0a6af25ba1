"""Issues session tokens in Supabase's format, signed with this machine's own secret.

`python -m local.tokens admin` prints a token for the running local stack, and `operator` a token of the platform's own
backend.
"""

import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import jwt

ISSUER = "https://auth.latchhook.localhost/auth/v1"
AUDIENCE = "authenticated"
ACCOUNT_ID = "6f1c2a54-8d0e-4b7a-9c3f-2e5d7a91b046"
CLIENT_ACCOUNT_ID = "a7d94c1e-0b36-4f82-9e55-1c8f3b6d2a70"
ADVISOR_ACCOUNT_ID = "e3b80f57-6a1d-4c29-8f4b-d05c7e92b816"
OPERATOR_ACCOUNT_ID = "c0a8f3d2-51b7-4e69-8a2d-94f0b6e7d813"
USER_ID = "2b9e4d17-3c6f-4a85-b1d0-7f8a5c2e6394"
LIFETIME_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class TokenIssuer:
    """Plays the role of the product's Supabase project. With the secret, it can issue a token for any user."""

    secret: str

    def account_token(
        self,
        account_id: str = ACCOUNT_ID,
        *,
        role: str = "business_admin",
        client_account_ids: Sequence[str] = (),
        user_id: str = USER_ID,
        **claims: Any,
    ) -> str:
        """Issue a user's session token for an account. `claims` add to the token's claims or replace them."""
        metadata = {"account_id": account_id, "role": role, "client_account_ids": list(client_account_ids)}
        return self._sign({"sub": user_id, "role": "authenticated", "app_metadata": metadata, **claims})

    def operator_token(self, **claims: Any) -> str:
        """Issue a service token of the platform's backend, which may act for every account."""
        return self._sign({"sub": USER_ID, "role": "service_role", **claims})

    def people(self) -> list[dict[str, str]]:
        """Return one user of each role that the console distinguishes, with a new session token."""
        advised = [ACCOUNT_ID, CLIENT_ACCOUNT_ID]
        names = {ACCOUNT_ID: "Northwind", CLIENT_ACCOUNT_ID: "Contoso", ADVISOR_ACCOUNT_ID: "Fabrikam Advisory"}
        return [
            {"name": "Ada, business admin", "about": "Manages Northwind.", "token": self._person("ada", ACCOUNT_ID)},
            {
                "name": "Ben, advisor",
                "about": "Manages two client accounts.",
                "token": self._person(
                    "ben", ADVISOR_ACCOUNT_ID, role="advisor", client_account_ids=advised, account_names=names
                ),
            },
            {
                "name": "Cleo, member",
                "about": "Cannot manage integrations.",
                "token": self._person("cleo", ACCOUNT_ID, role="member"),
            },
        ]

    def _person(self, name: str, account_id: str, **metadata: Any) -> str:
        user_id = str(uuid5(NAMESPACE_DNS, f"{name}.latchhook.localhost"))
        app_metadata = {"account_id": account_id, "role": "business_admin", "client_account_ids": [], **metadata}
        person = {"sub": user_id, "role": "authenticated", "email": f"{name}@latchhook.localhost"}
        return self._sign({**person, "app_metadata": app_metadata})

    def _sign(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        standard = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME_SECONDS}
        return jwt.encode({**standard, **claims}, self.secret, algorithm="HS256")


def kept_secret(path: Path) -> str:
    """Return the secret in a file that only this user can read. Create the file if it is missing."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def main(kind: str = "admin") -> None:
    """Print a token for the stack of `make run`."""
    issuer = TokenIssuer(kept_secret(Path(__file__).parents[1] / ".local" / "jwt-secret"))
    if kind not in {"admin", "operator"}:
        sys.exit("There are two kinds of token. Choose admin or operator.")
    print(issuer.operator_token() if kind == "operator" else issuer.account_token())


if __name__ == "__main__":
    main(*sys.argv[1:])
