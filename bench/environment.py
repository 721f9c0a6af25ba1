"""Makes this process one in which functions can be called: our code on the path, an AWS that leads nowhere, no log.

Imported before anything of Latchhook or of its tests.
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

# The log goes where standard output leads when the logger is made; it is written, and its cost counts, but not here.
with redirect_stdout(Path(os.devnull).open("w")):
    from latchhook import telemetry  # noqa: F401
