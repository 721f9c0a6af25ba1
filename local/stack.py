"""Deploys Latchhook on this machine: emulator, build, deployment, routes, front, tokens and the operator's key."""

import fcntl
import json
import runpy
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import requests

from local.batch_permissions import allow_batches
from local.build import build
from local.deploy import STACK_NAME, deploy, deploy_template, is_deployed, packaged_template, stack_outputs
from local.emulator import EmulatedAccount, Emulator
from local.emulator_guard import API_PATH
from local.errors import LocalStackError
from local.event_sources import number_concurrency
from local.front import SIGN_IN_AS, Front
from local.kept_values import KeptValues, deployment_fingerprint
from local.routes import make_routes
from local.stages import ROOT, effective_parameters
from local.tokens import ACCOUNT_ID, AUDIENCE, ISSUER, OPERATOR_ACCOUNT_ID, TokenIssuer, kept_secret

SCOPES_MODULE = ROOT / "layers" / "core" / "latchhook" / "permissions" / "scopes.py"
OPERATOR_SCOPES: frozenset[str] = runpy.run_path(str(SCOPES_MODULE))["OPERATOR_SCOPES"]

Progress = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True)
class RunningStack:
    """The addresses, credentials and parameters of a deployed stack.

    It is plain data, so that processes can share it.
    """

    base_url: str
    account: EmulatedAccount
    outputs: dict[str, str]
    parameters: dict[str, str]  # all parameters of the template
    jwt_secret: str
    operator_api_key: str
    directory: str  # of logs and files
    has_kept_data: bool = False  # of an earlier run

    @property
    def tokens(self) -> TokenIssuer:
        """The issuer whose tokens the stack accepts."""
        return TokenIssuer(self.jwt_secret)

    @property
    def aws_environment(self) -> dict[str, str]:
        """The environment variables for tools: `sam remote invoke`, `sam logs`, the AWS CLI."""
        return self.account.environment

    def client(self, service: str) -> Any:
        """Return a boto3 client of the emulated account's root user."""
        return self.account.client(service)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "RunningStack":
        fields = json.loads(text)
        return cls(**{**fields, "account": EmulatedAccount(**fields["account"])})


class LocalStack:
    """Runs the product while the context lasts: `with LocalStack(directory) as stack:` gives a RunningStack.

    `directory` contains logs, state and the JWT secret. Port 0 picks a free port. `parameters` are template parameters
    over those of the local stage. With `keep_data`, the account continues with the data of the last stack in
    `directory`, unless `start_empty`, and only a changed product is deployed. Without it, the account is empty.
    `progress` receives the description of each long step and wraps the step as a context.
    """

    def __init__(
        self,
        directory: Path,
        *,
        port: int = 0,
        emulator_port: int = 0,
        parameters: Mapping[str, str] | None = None,
        keep_data: bool = False,
        start_empty: bool = False,
        progress: Progress = lambda _: nullcontext(),
    ) -> None:
        self._directory = directory.resolve()
        self._ports = port, emulator_port
        self._parameters = dict(parameters or {})
        self._state: dict[str, bool] = {"keep_state": keep_data, "start_empty": start_empty}
        self._progress = progress
        self._resources = ExitStack()

    def __enter__(self) -> RunningStack:
        self._directory.mkdir(parents=True, exist_ok=True)
        port, emulator_port = self._ports
        with ExitStack() as resources:
            claim = self._claim_directory(resources)
            front = resources.enter_context(Front(port))  # first, so that a port in use is reported immediately
            claim.write(front.base_url)
            claim.flush()
            emulator = Emulator(self._directory, emulator_port, **self._state)
            resources.enter_context(emulator)  # starts while this process builds
            with self._progress("Building the console, the functions and the layers"):
                build("local")
            with self._progress("Starting the emulated AWS"):
                emulator.wait_until_ready()
            stack = self._deploy(emulator, front)
            emulator.state_is_complete = True
            self._resources = resources.pop_all()
        return stack

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def _claim_directory(self, resources: ExitStack) -> IO[str]:
        """Return a locked file for the base URL. Raise LocalStackError with the URL of a stack that already runs."""
        claim = resources.enter_context((self._directory / "claim").open("a+"))
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            claim.seek(0)
            raise LocalStackError(
                f"Latchhook already runs in this directory, at {claim.read()}. Ctrl-C in its terminal stops it."
            ) from None
        claim.truncate(0)
        return claim

    def _deploy(self, emulator: Emulator, front: Front) -> RunningStack:
        secret, kept = kept_secret(self._directory / "jwt-secret"), KeptValues(emulator.account)
        parameters = {
            "JwtSecretArn": kept.put("jwt", secret),
            "JwtIssuer": ISSUER,
            "JwtAudience": AUDIENCE,
            "OperatorAccountId": OPERATOR_ACCOUNT_ID,
            "ConsoleSignInAsUrl": SIGN_IN_AS,
            **self._parameters,
        }
        wanted = deployment_fingerprint(effective_parameters("local") | parameters)
        if kept.get("deployed") != wanted:
            with self._progress("Deploying template.yaml"):
                deploy(emulator.account, parameters, self._directory / "deploy.log")
                _make_up_for_gaps(emulator.account, STACK_NAME)
            kept.put("deployed", wanted)
        outputs = stack_outputs(emulator.account)
        _open(front, emulator.account, outputs, effective_parameters("local") | parameters, TokenIssuer(secret))
        operator_api_key = kept.get("operator-api-key")
        has_kept_data = operator_api_key is not None
        if operator_api_key is None:
            with self._progress("Creating the operator's API key"):
                operator_api_key = _make_operator_key(front.base_url, TokenIssuer(secret))
            kept.put("operator-api-key", operator_api_key)
        return RunningStack(
            base_url=front.base_url,
            account=emulator.account,
            outputs=outputs,
            parameters=effective_parameters("local") | parameters,
            jwt_secret=secret,
            operator_api_key=operator_api_key,
            directory=str(self._directory),
            has_kept_data=has_kept_data,
        )


def deployed_beside(stack: RunningStack, name: str, parameters: Mapping[str, str], front: Front) -> RunningStack:
    """Deploy the same build as a second stack on the same emulated AWS, with `parameters` over those of `stack`.

    If several processes share `stack`, only the first one deploys `name`. Each process has its own `front`.
    """
    wanted = {**stack.parameters, **parameters}
    with (Path(stack.directory) / "deploying").open("w") as deploying:
        fcntl.flock(deploying, fcntl.LOCK_EX)
        if not is_deployed(stack.account, name):
            deploy_template(stack.account, packaged_template(stack.account), wanted, name)
            _make_up_for_gaps(stack.account, name)
    outputs = stack_outputs(stack.account, name)
    _open(front, stack.account, outputs, wanted, stack.tokens)
    return replace(
        stack,
        base_url=front.base_url,
        outputs=outputs,
        parameters=wanted,
        operator_api_key=_make_operator_key(front.base_url, stack.tokens),
    )


def _make_up_for_gaps(account: EmulatedAccount, stack_name: str) -> None:
    make_routes(account, stack_name)
    allow_batches(account)
    number_concurrency(account)


def _open(
    front: Front,
    account: EmulatedAccount,
    outputs: Mapping[str, str],
    parameters: Mapping[str, str],
    tokens: TokenIssuer,
) -> None:
    """Start forwarding the front's requests to a deployed stack."""
    front.forward_to(
        f"{account.endpoint_url}{API_PATH}{outputs['ApiId']}/$default",
        secret=account.front_secret,
        sessions=tokens.people,
        allowed_origins=parameters["AllowedOrigins"].split(","),
    )


def _make_operator_key(base_url: str, tokens: TokenIssuer) -> str:
    """Create the operator's API key through the API."""
    response = requests.post(
        f"{base_url}/api-keys",
        json={"name": "Operator", "scopes": sorted(OPERATOR_SCOPES)},
        headers={"Authorization": f"Bearer {tokens.account_token(OPERATOR_ACCOUNT_ID)}"},
        timeout=60,
    )
    if response.status_code != 201:
        raise LocalStackError(
            f"The deployed stack did not create the operator's key: {response.status_code} {response.text}"
        )
    return str(response.json()["key"])


def write_aws_environment(stack: RunningStack, path: Path) -> None:
    """Write the shell variables for AWS tools to a file that only this user can read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"export {name}={value}\n" for name, value in stack.aws_environment.items()))


def write_session(stack: RunningStack, path: Path) -> None:
    """Write the tokens and the key for scripts to a file that only this user can read."""
    session = {
        "base_url": stack.base_url,
        "admin_token": stack.tokens.account_token(),
        "operator_token": stack.tokens.operator_token(),
        "operator_api_key": stack.operator_api_key,
        "account_id": ACCOUNT_ID,
    }
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(session, indent=2) + "\n")
