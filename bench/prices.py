"""AWS prices for a million units in US dollars, and the cost of an operation.

List prices of us-east-1 in November 2026, beyond the free tier and without discounts, from
https://aws.amazon.com/<service>/pricing/: api-gateway (HTTP API, first 300 million), lambda (arm64, first tier),
dynamodb (on demand, standard table class), sqs (standard queues), kms (symmetric requests), eventbridge (Scheduler).
Storage, traffic and logs are not included.
"""

from bench.call_log import CallLog
from bench.operations import Operation

HTTP_API_REQUEST = 1.00
LAMBDA_REQUEST = 0.20
LAMBDA_GIGABYTE_SECOND = 13.3334
DYNAMODB_WRITE_UNIT = 0.625
DYNAMODB_READ_UNIT = 0.125
SQS_REQUEST = 0.40
KMS_REQUEST = 3.00
SCHEDULER_INVOCATION = 1.00

POLLS_OF_A_BATCH = 2
"""Requests of Lambda for each batch of messages: ReceiveMessage and DeleteMessageBatch."""


def dollars_per_million(operation: Operation, log: CallLog, memory_megabytes: int, *, batch: int = 1) -> float:
    """Return the US dollars for a million operations. A queue's worker receives `batch` messages at a time."""
    together = batch if operation.from_queue else 1
    compute = memory_megabytes / 1024 * operation.assumed_millis / 1000 * LAMBDA_GIGABYTE_SECOND
    return sum(
        (
            HTTP_API_REQUEST if operation.by_http else 0,
            LAMBDA_REQUEST / together,
            compute / (together if operation.at_once else 1),
            log.write_units * DYNAMODB_WRITE_UNIT,
            log.read_units * DYNAMODB_READ_UNIT,
            log.count("sqs") * SQS_REQUEST,
            POLLS_OF_A_BATCH * SQS_REQUEST / together if operation.from_queue else 0,
            log.count("kms") * KMS_REQUEST,
            log.count("scheduler") * SCHEDULER_INVOCATION,
        )
    )
