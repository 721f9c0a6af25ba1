"""The demo of `make run` succeeds on a deployed stack."""

from local.demo import show_demo
from local.receiver import Receiver
from local.stack import RunningStack
from local.terminal import Terminal


def test_every_step_of_the_demo_succeeds(stack: RunningStack, receiver: Receiver) -> None:
    show_demo(stack, receiver, Terminal())
