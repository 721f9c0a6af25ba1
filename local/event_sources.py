"""Gives workers' event sources their concurrency as a number.

A template parameter is text to the emulator also where CloudFormation makes a number of it, and its poller, one for all
queues, stops at `MaximumConcurrency: "100"`.
"""

from typing import Any

from local.emulator import client


def number_concurrency(endpoint_url: str) -> None:
    """Set the concurrency of every event source that has one as text."""
    functions = client("lambda", endpoint_url)
    for page in functions.get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            scaling = numbered(mapping.get("ScalingConfig") or {})
            if scaling is not None:
                functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=scaling)


def numbered(scaling: dict[str, Any]) -> dict[str, int] | None:
    """The scaling with a number; None if there is nothing to change."""
    concurrency = scaling.get("MaximumConcurrency")
    return {"MaximumConcurrency": int(concurrency)} if isinstance(concurrency, str) else None
