"""Amazon's DynamoDB Local as the storage tests use it."""

from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest

from local.dynamodb_local import DynamoDBLocal


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads the listeners from /proc")
def test_it_listens_on_loopback_only() -> None:
    with DynamoDBLocal() as server:
        assert boto3.client("dynamodb", endpoint_url=server.endpoint_url).list_tables()["TableNames"] == []
        port = urlsplit(server.endpoint_url).port
        assert port is not None
        assert listening_addresses(port) == {"127.0.0.1"}


def listening_addresses(port: int) -> set[str]:
    """Return the local addresses on which `port` accepts connections, from the kernel's tables."""
    addresses = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local_address, state = line.split()[1], line.split()[3]
            address, hexadecimal_port = local_address.split(":")
            if state == "0A" and int(hexadecimal_port, 16) == port:
                octets = bytes.fromhex(address)[-4:][::-1]
                addresses.add(".".join(map(str, octets)))
    return addresses
