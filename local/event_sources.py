"""Gives workers' event sources their concurrency as a number.

A template parameter is text to the emulator also where CloudFormation makes a number of it, and its poller, one for all
queues, stops at `MaximumConcurrency: "100"`.
"""

from local.emulator import EmulatedAccount


def number_concurrency(account: EmulatedAccount) -> None:
    """Set the concurrency of every event source that has one, as the number that it reads as."""
    functions = account.client("lambda")
    for page in functions.get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            concurrency = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
            if concurrency is not None:
                scaling = {"MaximumConcurrency": int(concurrency)}
                functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=scaling)
