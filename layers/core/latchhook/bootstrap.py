"""The composition root. Builds each component once per environment, and imports its module only when it is needed."""

import gc
import os
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Any, TypeVar

from latchhook.clock import utc_now
from latchhook.permissions.scopes import Catalogue
from latchhook.settings import Settings, from_environment

if TYPE_CHECKING:
    from latchhook.api_keys.bulk_revocation import BulkRevoker
    from latchhook.api_keys.changing import KeyEditor
    from latchhook.api_keys.importing import KeyImporter
    from latchhook.api_keys.issuing import KeyIssuer
    from latchhook.api_keys.leaks import LeakedKeys
    from latchhook.api_keys.secrets_manager_rotation import SecretsManagerRotation
    from latchhook.api_keys.verification import KeyUses, KeyVerifier
    from latchhook.edge.attempt_counts import AttemptCounts
    from latchhook.edge.bus_events import BusEvents
    from latchhook.edge.delivery_batch import DeliveryBatches
    from latchhook.edge.endpoint import Description, Endpoint, Response
    from latchhook.edge.filter_trials import FilterTrials
    from latchhook.edge.loops import Handler
    from latchhook.edge.published_events import EventBuilder
    from latchhook.edge.refusals import RefusedAttempts
    from latchhook.edge.request import Request
    from latchhook.edge.signed_endpoint import SignedDescription, SignedEndpoint, SignedRequest
    from latchhook.edge.system_events import EntryReader, SystemEvents
    from latchhook.edge.webhook_bodies import WebhookBodies
    from latchhook.identity.token_cache import TokenCache
    from latchhook.permissions.profile_editing import ProfileEditor
    from latchhook.storage.account_rates import AccountRates
    from latchhook.storage.api_keys_table import ApiKeysTable
    from latchhook.storage.audit_items import AuditItems
    from latchhook.storage.audit_log import AuditLog
    from latchhook.storage.database import Database
    from latchhook.storage.deliveries_table import DeliveriesTable
    from latchhook.storage.due_keys_table import DueKeysTable
    from latchhook.storage.event_types_table import EventTypesTable
    from latchhook.storage.idempotency_items import CompletedRequestsTable
    from latchhook.storage.key_uses_table import KeyUsesTable
    from latchhook.storage.leaked_key_policies import LeakedKeyPolicies
    from latchhook.storage.profiles_table import ProfilesTable
    from latchhook.storage.recoveries_table import RecoveriesTable
    from latchhook.storage.stats_table import StatsTable
    from latchhook.storage.webhook_paces import WebhookPaces
    from latchhook.storage.webhooks_table import WebhooksTable
    from latchhook.transport.github_signatures import GithubSignatures
    from latchhook.transport.outbound_http import OutboundHttp
    from latchhook.transport.queues import DeadLetters, EventQueue
    from latchhook.transport.secret_vault import SecretVault
    from latchhook.transport.secret_versions import SecretVersions
    from latchhook.transport.step_queues import StepQueue
    from latchhook.transport.task_queues import DeliveryQueue, RetryQueue
    from latchhook.webhooks.attempts import AttemptMaker
    from latchhook.webhooks.backlog import BacklogKeeper, BacklogReleaser
    from latchhook.webhooks.changing import WebhookEditor
    from latchhook.webhooks.event_filters import EventFilters
    from latchhook.webhooks.event_type_editing import EventTypeEditor
    from latchhook.webhooks.event_types import EventTypeCache
    from latchhook.webhooks.held_deliveries import Releaser
    from latchhook.webhooks.own_hosts import OwnHosts
    from latchhook.webhooks.pacing import Lane
    from latchhook.webhooks.recovery import Recoverer, Step
    from latchhook.webhooks.recovery_steps import StepTaker
    from latchhook.webhooks.redelivery import Redeliverer, Tester
    from latchhook.webhooks.registering import WebhookRegistry

B = TypeVar("B")

# A cold start creates about 100,000 permanent objects. Garbage collections during the start took a tenth of its time.
# An environment processes one small request at a time, so rare collections are enough.
gc.set_threshold(100_000)

clock = utc_now


@cache
def settings() -> Settings:
    """The deployment's settings."""
    return from_environment(os.environ)


@cache
def rng() -> Random:
    """The operating system's random number generator, for ids, secrets and jitter."""
    return SystemRandom()


@cache
def catalogue() -> Catalogue:
    """The deployment's scope catalogue."""
    return Catalogue.of(settings().scopes)


@cache
def _database() -> "Database":
    from latchhook import aws
    from latchhook.storage.database import Database

    return Database(aws.dynamodb(), rng=rng())


@cache
def _audit_items() -> "AuditItems":
    from latchhook.storage.audit_items import AuditItems

    return AuditItems(settings().settings_table, retention_days=settings().audit_retention_days)


def audit_entry_reader() -> "EntryReader":
    """The function that builds audit entries from images of the table's stream."""
    from latchhook.storage.audit_items import audit_event_from_image

    return audit_event_from_image


@cache
def audit_log() -> "AuditLog":
    """The audit log."""
    from latchhook.storage.audit_log import AuditLog

    return AuditLog(_database(), audit=_audit_items())


@cache
def refused_attempts() -> "RefusedAttempts":
    """Records refused requests in the audit log."""
    from latchhook.edge.refusals import RefusedAttempts

    return RefusedAttempts(audit_log())


@cache
def account_rates() -> "AccountRates":
    """The rate limits of accounts' calls."""
    from latchhook.rates import RateLimit
    from latchhook.storage.account_rates import AccountRates

    writes, slow = settings().writes_per_minute, settings().slow_calls_per_minute
    limits = {"write": RateLimit(writes, 60, writes), "slow": RateLimit(slow, 60, max(1, slow // 3))}
    return AccountRates(_database(), table=settings().settings_table, limits=limits)


@cache
def completed_requests() -> "CompletedRequestsTable":
    """Records of requests with an `Idempotency-Key`."""
    from latchhook.storage.idempotency_items import CompletedRequestsTable

    return CompletedRequestsTable(_database(), table=settings().settings_table)


@cache
def api_keys() -> "ApiKeysTable":
    """The table of API keys."""
    from latchhook.storage.api_keys_table import ApiKeysTable

    return ApiKeysTable(
        _database(),
        table=settings().api_keys_table,
        text_prefix=settings().api_key_prefix,
        audit=_audit_items(),
        most_keys=settings().max_keys_per_account,
    )


@cache
def key_uses() -> "KeyUsesTable":
    """The uses of API keys in their table."""
    from latchhook.storage.key_uses_table import KeyUsesTable

    return KeyUsesTable(_database(), table=settings().api_keys_table, audit=_audit_items(), rng=rng())


@cache
def due_keys() -> "DueKeysTable":
    """The index of API keys that expire."""
    from latchhook.storage.due_keys_table import DueKeysTable

    return DueKeysTable(_database(), table=settings().api_keys_table, audit=_audit_items(), rng=rng())


@cache
def key_verifier() -> "KeyVerifier":
    """Verifies the keys of this API's callers."""
    return _key_verifier(key_uses())


@cache
def hot_key_verifier() -> "KeyVerifier":
    """Verifies keys for the product, including keys that are used faster than DynamoDB can write their item."""
    from latchhook import aws
    from latchhook.api_keys.hot_keys import HotKeyUses
    from latchhook.transport.queues import UseQueue

    return _key_verifier(HotKeyUses(key_uses(), UseQueue(aws.sqs, url=settings().use_queue_url)))


def _key_verifier(uses: "KeyUses") -> "KeyVerifier":
    from latchhook.api_keys.verification import KeyVerifier
    from latchhook.edge.use_records import LoggedUseRecords

    return KeyVerifier(settings().api_key_prefix, uses, LoggedUseRecords(key_uses()), profiles)


@cache
def key_issuer() -> "KeyIssuer":
    """Creates, rotates and revokes keys."""
    from latchhook.api_keys.issuing import KeyIssuer

    return KeyIssuer(
        store=api_keys(),
        profiles=profiles,
        prefix=settings().api_key_prefix,
        catalogue=catalogue(),
        default_grace_seconds=settings().rotation_grace_seconds,
        rng=rng(),
    )


@cache
def key_editor() -> "KeyEditor":
    """Changes the settings of keys."""
    from latchhook.api_keys.changing import KeyEditor

    return KeyEditor(api_keys(), profiles, catalogue(), rng())


@cache
def key_importer() -> "KeyImporter":
    """Imports keys."""
    from latchhook.api_keys.importing import KeyImporter

    return KeyImporter(api_keys(), profiles, settings().api_key_prefix, catalogue(), rng(), completed_requests)


@cache
def bulk_revoker() -> "BulkRevoker":
    """Revokes many keys."""
    from latchhook.api_keys.bulk_revocation import BulkRevoker

    return BulkRevoker(api_keys(), rng())


@cache
def leaked_key_policies() -> "LeakedKeyPolicies":
    """The accounts' policies for exposed keys."""
    from latchhook.storage.leaked_key_policies import LeakedKeyPolicies

    return LeakedKeyPolicies(_database(), audit=_audit_items())


@cache
def leaked_keys() -> "LeakedKeys":
    """Handles reports of exposed keys."""
    from latchhook.api_keys.leaks import LeakedKeys

    return LeakedKeys(key_uses(), api_keys(), leaked_key_policies(), settings().api_key_prefix, rng())


@cache
def secrets_manager_rotation() -> "SecretsManagerRotation":
    """Rotates keys whose texts are stored in Secrets Manager."""
    from latchhook.api_keys.secrets_manager_rotation import SecretsManagerRotation

    return SecretsManagerRotation(key_uses(), api_keys(), settings().api_key_prefix, rng())


def versioned_secret(secret_id: str, *, rotation_token: str | None) -> "SecretVersions":
    """The secret whose rotation is running."""
    from latchhook import aws
    from latchhook.transport.secret_versions import SecretVersions

    return SecretVersions(aws.secretsmanager(), secret_id, rotation_token=rotation_token)


@cache
def profiles() -> "ProfilesTable":
    """The table of permission profiles."""
    from latchhook.storage.profiles_table import ProfilesTable

    return ProfilesTable(_database(), audit=_audit_items())


@cache
def profile_editor() -> "ProfileEditor":
    """Creates, changes and deletes permission profiles."""
    from latchhook.permissions.profile_editing import ProfileEditor

    return ProfileEditor(profiles(), catalogue(), rng())


@cache
def webhooks() -> "WebhooksTable":
    """The table of webhooks."""
    from latchhook.storage.webhooks_table import WebhooksTable

    return WebhooksTable(_database(), audit=_audit_items())


@cache
def deliveries() -> "DeliveriesTable":
    """The table of events and attempts."""
    from latchhook.storage.deliveries_table import DeliveriesTable

    return DeliveriesTable(
        _database(),
        table=settings().deliveries_table,
        settings_table=settings().settings_table,
        retention_days=settings().retention_days,
    )


@cache
def stats() -> "StatsTable":
    """The counts of attempts."""
    from latchhook.storage.stats_table import StatsTable

    return StatsTable(_database(), table=settings().deliveries_table)


@cache
def attempt_counts() -> "AttemptCounts":
    """Counts recorded attempts from the table's stream."""
    from latchhook import aws
    from latchhook.edge.attempt_counts import AttemptCounts
    from latchhook.storage.stats_table import attempt_from_image
    from latchhook.transport.queues import DeadLetters

    return AttemptCounts(
        counts=stats(),
        dead_letters=DeadLetters(aws.sqs, url=settings().count_dead_letter_queue_url),
        read=attempt_from_image,
    )


@cache
def secret_vault() -> "SecretVault":
    """Encrypts and decrypts webhook secrets."""
    from latchhook import aws
    from latchhook.transport.secret_vault import SecretVault

    return SecretVault(aws.kms, key_id=settings().webhook_secrets_key_id)


@cache
def webhook_registry() -> "WebhookRegistry":
    """Registers webhooks."""
    from latchhook.webhooks.registering import WebhookRegistry

    return WebhookRegistry(store=webhooks(), editor=webhook_editor(), vault=secret_vault(), rng=rng())


@cache
def webhook_editor() -> "WebhookEditor":
    """Changes webhooks."""
    from latchhook.webhooks.changing import WebhookEditor

    return WebhookEditor(webhooks(), secret_vault(), rng(), settings().retry_schedule_seconds)


@cache
def webhook_bodies() -> "WebhookBodies":
    """Reads and checks the bodies of requests about webhooks."""
    from latchhook.edge.webhook_bodies import WebhookBodies

    return WebhookBodies(endpoint_checker(), header_prefix=settings().signature_header_prefix)


@cache
def event_queue() -> "EventQueue":
    """The queue of accepted events."""
    from latchhook import aws
    from latchhook.transport.queues import EventQueue

    return EventQueue(aws.sqs(), url=settings().event_queue_url, rng=rng())


@cache
def event_builder() -> "EventBuilder":
    """Builds events from published bodies."""
    from latchhook.edge.published_events import EventBuilder

    return EventBuilder(rng(), event_type_cache())


@cache
def event_types() -> "EventTypesTable":
    """The table of event types."""
    from latchhook.storage.event_types_table import EventTypesTable

    return EventTypesTable(_database(), audit=_audit_items())


@cache
def event_type_editor() -> "EventTypeEditor":
    """Registers, changes and deletes event types."""
    from latchhook.webhooks.event_type_editing import EventTypeEditor

    return EventTypeEditor(event_types(), settings().operator_account_id, rng())


@cache
def event_type_cache() -> "EventTypeCache":
    """Caches event types for at most a minute."""
    from latchhook.webhooks.event_types import EventTypeCache

    return EventTypeCache(event_types(), clock=clock)


@cache
def filter_trials() -> "FilterTrials":
    """Tests filters against example events."""
    from latchhook.edge.filter_trials import FilterTrials

    return FilterTrials(event_types())


@cache
def event_filters() -> "EventFilters":
    """Matches events with webhooks' filters."""
    from latchhook.webhooks.event_filters import EventFilters

    return EventFilters(event_type_cache())


@cache
def bus_events() -> "BusEvents":
    """Publishes events from the event bus."""
    from latchhook import aws
    from latchhook.edge.bus_events import BusEvents
    from latchhook.transport.queues import DeadLetters

    return BusEvents(
        builder=event_builder(),
        events=event_queue(),
        dead_letters=DeadLetters(aws.sqs, url=settings().bus_dead_letter_queue_url),
        clock=clock,
    )


@cache
def system_events() -> "SystemEvents":
    """Publishes system events about keys and webhooks."""
    from latchhook import aws
    from latchhook.edge.system_events import SystemEvents
    from latchhook.transport.queues import DeadLetters

    return SystemEvents(
        keys=api_keys(),
        webhooks=webhooks(),
        events=event_queue(),
        dead_letters=DeadLetters(aws.sqs, url=settings().system_event_dead_letter_queue_url),
        read=audit_entry_reader(),
        clock=clock,
    )


@cache
def delivery_queue() -> "DeliveryQueue":
    """The fast queue, for first attempts."""
    from latchhook import aws
    from latchhook.transport.task_queues import DeliveryQueue

    return DeliveryQueue(aws.sqs(), url=settings().delivery_queue_url)


@cache
def _retry_queue() -> "RetryQueue":
    from latchhook import aws
    from latchhook.transport.task_queues import RetryQueue, RetryTargets

    chosen = settings()
    return RetryQueue(
        aws.sqs,
        aws.scheduler,
        RetryTargets(
            queue_url=chosen.retry_queue_url,
            queue_arn=chosen.retry_queue_arn,
            dead_letter_queue_arn=chosen.retry_dead_letter_queue_arn,
            schedule_role_arn=chosen.retry_schedule_role_arn,
        ),
        clock,
    )


@cache
def own_hosts() -> "OwnHosts":
    """The host names of this API, which no webhook may call."""
    from latchhook.webhooks.own_hosts import OwnHosts

    return OwnHosts(settings().api_domain_names, api_id=settings().api_id)


@cache
def outbound_http() -> "OutboundHttp":
    """HTTP client that calls only customers' receivers."""
    from latchhook.transport.outbound_http import OutboundHttp

    return OutboundHttp(
        timeout_seconds=settings().delivery_timeout_seconds,
        allow_insecure=settings().allow_insecure_webhooks,
        own_hosts=own_hosts(),
    )


@cache
def endpoint_checker() -> "OutboundHttp":
    """Checks an endpoint URL when a webhook is saved, with a timeout well below API Gateway's."""
    from latchhook.transport.outbound_http import OutboundHttp

    return OutboundHttp(timeout_seconds=5, allow_insecure=settings().allow_insecure_webhooks, own_hosts=own_hosts())


@cache
def attempt_maker() -> "AttemptMaker":
    """Makes attempts of deliveries."""
    from latchhook.webhooks.attempts import AttemptMaker
    from latchhook.webhooks.health import Health

    return AttemptMaker(
        records=deliveries(),
        vault=secret_vault(),
        sender=outbound_http(),
        retries=_retry_queue(),
        health=Health(webhooks(), rng()),
        clock=clock,
        rng=rng(),
        header_prefix=settings().signature_header_prefix,
        schedule_seconds=settings().retry_schedule_seconds,
        event_retention=timedelta(days=settings().retention_days),
    )


@cache
def webhook_tester() -> "Tester":
    """Sends test events."""
    from latchhook.webhooks.redelivery import Tester

    return Tester(deliveries(), attempt_maker(), event_types(), rng())


@cache
def redeliverer() -> "Redeliverer":
    """Retries deliveries on request."""
    from latchhook.webhooks.redelivery import Redeliverer

    return Redeliverer(deliveries(), _retry_queue())


@cache
def held_delivery_releaser() -> "Releaser":
    """Releases the parked deliveries of a resumed webhook."""
    from latchhook.webhooks.held_deliveries import Releaser

    return Releaser(webhooks(), deliveries(), delivery_queue(), clock)


@cache
def held_delivery_dead_letters() -> "DeadLetters":
    """The dead-letter queue for resumed webhooks whose parked deliveries could not be released."""
    from latchhook import aws
    from latchhook.transport.queues import DeadLetters

    return DeadLetters(aws.sqs, url=settings().held_delivery_dead_letter_queue_url)


@cache
def recoveries() -> "RecoveriesTable":
    """The table of recoveries."""
    from latchhook.storage.recoveries_table import RecoveriesTable

    return RecoveriesTable(
        _database(),
        table=settings().deliveries_table,
        audit=_audit_items(),
        retention_days=settings().retention_days,
    )


@cache
def _recovery_queue() -> "StepQueue[Step]":
    from latchhook import aws
    from latchhook.transport.step_queues import StepQueue, recovery_step_to_json

    return StepQueue(aws.sqs, recovery_step_to_json, url=settings().recovery_queue_url)


@cache
def recoverer() -> "Recoverer":
    """Starts and cancels recoveries."""
    from latchhook.webhooks.recovery import Recoverer

    return Recoverer(recoveries(), _recovery_queue(), rng())


@cache
def recovery_steps() -> "StepTaker":
    """Runs the steps of recoveries."""
    from latchhook.storage.recoverable_deliveries import RecoverableDeliveries
    from latchhook.webhooks.recovery_steps import StepTaker

    return StepTaker(
        recoveries(),
        webhooks(),
        RecoverableDeliveries(_database(), table=settings().deliveries_table),
        _retry_queue(),
        _webhook_paces(),
        _recovery_queue(),
        settings().webhook_concurrency,
        clock,
        rng(),
        timedelta(days=settings().retention_days),
    )


@cache
def _backlog_keeper() -> "BacklogKeeper":
    from latchhook import aws
    from latchhook.storage.backlogs_table import BacklogsTable
    from latchhook.transport.step_queues import StepQueue, release_step_to_json
    from latchhook.webhooks.backlog import BacklogKeeper

    chosen = settings()
    backlogs = BacklogsTable(_database(), table=chosen.deliveries_table, retention_days=chosen.retention_days)
    return BacklogKeeper(backlogs, StepQueue(aws.sqs, release_step_to_json, url=chosen.backlog_queue_url))


@cache
def _webhook_paces() -> "WebhookPaces":
    from latchhook.storage.webhook_paces import WebhookPaces

    return WebhookPaces(_database(), table=settings().deliveries_table)


@cache
def backlog_releaser() -> "BacklogReleaser":
    """Runs the steps that release webhooks' backlogs."""
    from latchhook.webhooks.backlog import BacklogReleaser

    chosen = settings()
    return BacklogReleaser(
        _backlog_keeper(), webhooks(), _webhook_paces(), _retry_queue(), chosen.webhook_concurrency, clock, rng()
    )


@cache
def delivery_batches(lane: "Lane") -> "DeliveryBatches":
    """Runs batches of delivery tasks."""
    from latchhook.edge.attempt_threads import AttemptThreads
    from latchhook.edge.delivery_batch import THREADS, DeliveryBatches
    from latchhook.transport.task_queues import task_from_json
    from latchhook.webhooks.pacing import Pacer
    from latchhook.webhooks.slowness import Slowness

    chosen = settings()
    pacer = Pacer(_webhook_paces(), _retry_queue(), _backlog_keeper(), lane, chosen.webhook_concurrency, clock)
    return DeliveryBatches(
        attempt_maker(),
        deliveries(),
        task_from_json,
        pacer,
        Slowness(webhooks(), chosen.delivery_timeout_seconds),
        AttemptThreads(THREADS),
        timeout_seconds=chosen.delivery_timeout_seconds,
    )


@cache
def _session_tokens() -> "TokenCache":
    from latchhook.identity.session_token import SessionTokens
    from latchhook.identity.token_cache import TokenCache

    chosen = settings()
    public_keys = None
    if chosen.jwt_jwks_url:
        from latchhook.transport.published_keys import PublishedKeys, json_web_keys

        public_keys = PublishedKeys(chosen.jwt_jwks_url, json_web_keys)
    secrets = None
    if chosen.jwt_secret_arn:
        from latchhook import aws
        from latchhook.transport.shared_secret import SharedSecret

        secrets = SharedSecret(aws.secretsmanager, chosen.jwt_secret_arn, clock=clock)
    tokens = SessionTokens(
        secrets=secrets,
        public_keys=public_keys,
        issuer=chosen.jwt_issuer,
        audience=chosen.jwt_audience,
        allowed_clients=chosen.allowed_token_clients,
    )
    return TokenCache(tokens, clock=clock)


def endpoint(description: "Description") -> "Callable[[Callable[[Request[Any]], Response]], Endpoint[Any]]":
    """Return a decorator that turns an operation into a Lambda handler for the endpoint `description`."""
    from latchhook.edge.authentication import Authenticator
    from latchhook.edge.endpoint import Endpoint

    authenticator = Authenticator(
        tokens=_session_tokens,
        keys=key_verifier,
        operator_account_id=settings().operator_account_id,
    )
    if description.credentials in ("key", "secret"):
        key_verifier()  # build it during the cold start, because every request needs it
    return lambda operation: Endpoint(
        operation,
        description,
        authenticator=authenticator,
        refusals=refused_attempts,
        clock=clock,
        header_prefix=settings().signature_header_prefix,
        rates=account_rates,
        completed_requests=completed_requests,
    )


def public_route(handler: "Handler") -> "Handler":
    """Wrap the handler of a route without authentication, so that it also refuses deliveries of webhooks with 403."""
    from latchhook.edge.loops import refusing_deliveries

    return refusing_deliveries(handler, header_prefix=settings().signature_header_prefix)


@cache
def _github_signatures() -> "GithubSignatures":
    from latchhook.transport.github_signatures import GithubSignatures
    from latchhook.transport.published_keys import PublishedKeys, github_keys

    return GithubSignatures(PublishedKeys(settings().secret_scanning_keys_url, github_keys))


def signed_endpoint(
    description: "SignedDescription",
) -> "Callable[[Callable[[SignedRequest[Any]], Response]], SignedEndpoint[Any]]":
    """Return a decorator that turns an operation into a Lambda handler for requests with GitHub's signature."""
    from latchhook.edge.signed_endpoint import SignedEndpoint

    return lambda operation: SignedEndpoint(
        operation,
        description,
        signatures=_github_signatures,
        clock=clock,
        header_prefix=settings().signature_header_prefix,
    )
