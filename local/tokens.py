"""Sessions as Supabase issues them, signed with this machine's own secret.

`python -m local.tokens admin` prints a token for the running local stack, `operator` one of the platform's
own backend.
"""

import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

ISSUER = "https://auth.latchhook.localhost/auth/v1"
AUDIENCE = "authenticated"
ACCOUNT_ID = "6f1c2a54-8d0e-4b7a-9c3f-2e5d7a91b046"
OPERATOR_ACCOUNT_ID = "c0a8f3d2-51b7-4e69-8a2d-94f0b6e7d813"
USER_ID = "2b9e4d17-3c6f-4a85-b1d0-7f8a5c2e6394"
LIFETIME_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class TokenIssuer:
    """Plays the product's Supabase project: whoever knows the secret can speak for anyone."""

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
        """A user's session in an account. `claims` replace or add to the token's own."""
        metadata = {"account_id": account_id, "role": role, "client_account_ids": list(client_account_ids)}
        return self._sign({"sub": user_id, "role": "authenticated", "app_metadata": metadata, **claims})

    def operator_token(self, **claims: Any) -> str:
        """The platform's own backend, which may speak for every account."""
        return self._sign({"sub": USER_ID, "role": "service_role", **claims})

    def _sign(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        standard = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME_SECONDS}
        return jwt.encode({**standard, **claims}, self.secret, algorithm="HS256")


def kept_secret(path: Path) -> str:
    """The secret kept in a file that only this user reads, made when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def main(kind: str = "admin") -> None:
    """Print a token for the stack of `make run`."""
    issuer = TokenIssuer(kept_secret(Path(__file__).parents[1] / ".local" / "jwt-secret"))
    if kind not in {"admin", "operator"}:
        sys.exit("There are two kinds of token: admin and operator.")
    print(issuer.operator_token() if kind == "operator" else issuer.account_token())


if __name__ == "__main__":
    main(*sys.argv[1:])
