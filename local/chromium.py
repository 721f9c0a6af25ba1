"""Provides headless Chromium from the npm package @sparticuz/chromium, without an installation."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from local.npm_packages import TOOLS
from local.stages import ROOT

DIRECTORY = ROOT / ".local" / "chromium"

# It unpacks itself once into the temporary directory. In Lambda it also unpacks the libraries that Lambda lacks.
UNPACK = 'import chromium from "@sparticuz/chromium"; console.log(await chromium.executablePath());'
AS_IN_LAMBDA = {"TMPDIR": str(DIRECTORY), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x"}

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{own}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
  <alias binding="strong"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="strong"><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """The program, and an environment with the paths of its libraries and fonts.

    Start it without the package's own arguments, which turn off the same-origin policy.
    """

    path: Path
    environment: dict[str, str]


def chromium() -> Chromium:
    """Unpack the browser once, and return it. Several processes may call this at the same time."""
    TOOLS.install()
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    fonts = DIRECTORY / "fonts.conf"
    with (DIRECTORY / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file closes
        path = Path(TOOLS.evaluate(UNPACK, environment=AS_IN_LAMBDA).strip())
        fonts.write_text(FONTS.format(own=DIRECTORY / "fonts", cache=DIRECTORY / "fonts-cache"))
    libraries = str(DIRECTORY / "al2023" / "lib")
    return Chromium(path, {**os.environ, "LD_LIBRARY_PATH": libraries, "FONTCONFIG_FILE": str(fonts)})


@contextmanager
def browser() -> Iterator[Browser]:
    """Run a browser for Playwright while the context lasts."""
    program = chromium()
    environment: dict[str, Any] = program.environment
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's own sandbox refuses to run as root
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program.path, args=arguments, env=environment)
        yield running
        running.close()
