"""Count the AWS calls that each operation makes in its own function, and price a million of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moto import mock_aws

from bench import prices
from bench.call_log import CallLog
from bench.operations import OPERATIONS, Operation, World
from local.declared_functions import declared_functions
from local.receiver import Receiver
from tests import moto_inserts
from tests.functions.cloud import Cloud
from tests.functions.environment import QUEUES, queue_url


@dataclass(frozen=True)
class Counted:
    """The calls and the price of one operation."""

    operation: Operation
    log: CallLog
    dollars_alone: float
    """US dollars for a million operations, with one message per batch where a queue starts the operation."""
    dollars_in_tens: float
    """US dollars for a million operations with ten messages per batch, as under load."""


def count_calls(operations: Sequence[Operation] = OPERATIONS) -> list[Counted]:
    """Run each operation once. Moto replaces AWS, except for a DynamoDB that the environment names."""
    moto_inserts.install()
    memory = _memory_megabytes()
    with mock_aws(), Receiver() as receiver:
        cloud = Cloud()
        counted = []
        for number, operation in enumerate(operations):
            _empty_queues(cloud)
            log = _count(operation, World(cloud, receiver, f"account-{number}"))
            counted.append(Counted(operation, log, *_dollars(operation, log, memory[operation.function])))
    return counted


def _count(operation: Operation, world: World) -> CallLog:
    run = operation.prepare(world)
    with CallLog() as log:
        run()
    return log


def _dollars(operation: Operation, log: CallLog, memory_megabytes: int) -> tuple[float, float]:
    return (
        prices.dollars_per_million(operation, log, memory_megabytes),
        prices.dollars_per_million(operation, log, memory_megabytes, batch=10),
    )


def _empty_queues(cloud: Cloud) -> None:
    """Delete the messages that the previous operation left in the queues."""
    for queue in map(queue_url, QUEUES):
        while messages := cloud.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                cloud.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


def _memory_megabytes() -> Mapping[str, int]:
    return {function.module.rpartition(".")[2]: function.memory_megabytes for function in declared_functions()}
