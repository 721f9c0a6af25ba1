"""Sets the concurrency of workers' event sources as a number.

The emulator treats a template parameter as text, also where CloudFormation converts it to a number. Its poller, which
serves all queues, stops at `MaximumConcurrency: "100"`.
"""

from local.emulator import EmulatedAccount


def number_concurrency(account: EmulatedAccount) -> None:
    """Set the concurrency of every event source that has one, converted to a number."""
    functions = account.client("lambda")
    for page in functions.get_paginator("list_event_source_mappings").paginate():
        for mapping in page["EventSourceMappings"]:
            concurrency = mapping.get("ScalingConfig", {}).get("MaximumConcurrency")
            if concurrency is not None:
                scaling = {"MaximumConcurrency": int(concurrency)}
                functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=scaling)
