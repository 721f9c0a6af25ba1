"""The parts that every function needs: settings, clock, random numbers and the scope catalogue."""

import gc
import os
from functools import cache
from random import Random, SystemRandom

from latchhook.clock import utc_now
from latchhook.permissions.scopes import Catalogue
from latchhook.settings import Settings, from_environment

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
    return Catalogue.of(settings().scopes, _AddedScopes())


class _AddedScopes:
    """Imports the table of scopes at the first request that needs it. A cold start would be slower with it."""

    def recent(self) -> frozenset[str]:
        from latchhook.bootstrap.scopes import added_scopes

        return added_scopes().recent()

    def current(self) -> frozenset[str]:
        from latchhook.bootstrap.scopes import added_scopes

        return added_scopes().current()
