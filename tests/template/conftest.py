"""The stack under moto, for the one test here that runs the functions."""

from tests.functions.conftest import cloud, fail_operation, name_service, receiver

__all__ = ["cloud", "fail_operation", "name_service", "receiver"]
