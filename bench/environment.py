"""Prepares this process for calling functions: our code on the path, AWS without an address, no log output.

Import it before any module of Latchhook or of its tests.
"""

import os
import sys
from contextlib import redirect_stdout
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = (str(ROOT / "functions"), str(ROOT / "layers" / "core"))

for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
sys.path[:0] = CODE

# The logger keeps the standard output of its creation. It still writes, so that its cost counts, but to the null
# device.
with redirect_stdout(Path(os.devnull).open("w")):
    from latchhook import telemetry  # noqa: F401
