"""Fixtures for the test that runs all functions under moto."""

from tests.functions.conftest import account_days, cloud, fail_operation, name_service, no_waits_in_drains, receiver

__all__ = ["account_days", "cloud", "fail_operation", "name_service", "no_waits_in_drains", "receiver"]
