"""`make run`: deploys the product on this machine, shows the demo, and runs until Ctrl-C.

Environment: PORT of the base URL (8787), DEMO=0 to skip the demo, FRESH=1 to delete the data of earlier runs.
"""

import contextlib
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.markup import escape

from local.demo import show_demo
from local.errors import LocalStackError
from local.kept_values import KeptValues
from local.receiver import Receiver
from local.stack import LocalStack, RunningStack, write_aws_environment, write_session
from local.stages import ROOT
from local.terminal import Terminal

DIRECTORY = ROOT / ".local"
DEFAULT_PORT = 8787
RECEIVER_PORT = "receiver-port"


def main() -> int:
    """Run until interrupted. Return 0, or 1 after an error message."""
    terminal = Terminal()
    # SIGINT too, because a shell's background jobs ignore it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        _run(terminal, _port(), demo=os.environ.get("DEMO", "1") != "0")
    except LocalStackError as error:
        terminal.fail(str(error))
        return 1
    except KeyboardInterrupt:
        terminal.say("\nStopped before the stack was running.")
    return 0


def _run(terminal: Terminal, port: int, *, demo: bool) -> None:
    session, aws_environment = DIRECTORY / "session.json", DIRECTORY / "aws.env"
    with contextlib.ExitStack() as resources:
        fresh = os.environ.get("FRESH", "0") != "0"
        local = LocalStack(DIRECTORY, port=port, keep_data=True, start_empty=fresh, progress=terminal.step)
        stack = resources.enter_context(local)
        write_session(stack, session)
        write_aws_environment(stack, aws_environment)
        resources.callback(session.unlink, missing_ok=True)
        resources.callback(aws_environment.unlink, missing_ok=True)
        if demo:
            # The receiver runs as long as the stack, so that the demo's webhooks also accept later events.
            receiver = resources.enter_context(_receiver(KeptValues(stack.account)))
            terminal.say()
            if stack.has_kept_data:
                terminal.say("The data of the last run is kept. FRESH=1 make run starts without it and shows the demo.")
            else:
                show_demo(stack, receiver, terminal)
        _say_what_to_try(terminal, stack)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
        terminal.say("\nStopping …")
    terminal.say("Stopped.")


def _receiver(kept: KeptValues) -> Receiver:
    """Return a receiver. It uses the port of the last run if that is free, because the demo's webhooks send there."""
    port = int(kept.get(RECEIVER_PORT) or 0)
    try:
        receiver = Receiver(port)
    except OSError:
        receiver = Receiver()
    kept.put(RECEIVER_PORT, str(receiver.port))
    return receiver


def _say_what_to_try(terminal: Terminal, stack: RunningStack) -> None:
    terminal.say(f"\n[bold]The console is at {stack.base_url}/admin/integrations[/bold]")
    session = DIRECTORY.name + "/session.json"
    python = Path(sys.executable)
    shown = python.relative_to(ROOT) if python.is_relative_to(ROOT) else python
    terminal.say(f"\n[bold]Latchhook runs at {stack.base_url}[/bold] until Ctrl-C. Logs are in {DIRECTORY.name}/.\n")
    terminal.say(f"Tokens and a key for scripts are in {session}. In another terminal:")
    terminal.say(f'  AUTH="Authorization: Bearer $({shown} -m local.tokens admin)"')
    terminal.say(f'  curl -H "$AUTH" {stack.base_url}/api-keys')
    body = escape("""-H 'Content-Type: application/json' -d '{"name": "Mine", "scopes": ["orders:read"]}'""")
    terminal.say(f'  curl -H "$AUTH" {stack.base_url}/api-keys {body}')
    terminal.say(f'  curl -H "$AUTH" {stack.base_url}/integration/webhook-deliveries')
    terminal.say(f"With `. {DIRECTORY.name}/aws.env`, AWS tools like `sam remote invoke` use the emulated account.")


def _port() -> int:
    text = os.environ.get("PORT", "") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise LocalStackError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
