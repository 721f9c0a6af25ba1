"""The README's pictures exist, light and dark, in the size that local/picture.py writes."""

import re
import struct

from local.picture import HEIGHT, IMAGES, SCALE, SCHEMES, WIDTH
from local.stages import ROOT

MAX_BYTES = 400_000


def test_readme_shows_the_generated_pictures() -> None:
    shown = re.findall(r'(?:src|srcset)="([^"]+)"', (ROOT / "README.md").read_text())
    assert {ROOT / path for path in shown} == {IMAGES / f"console-{scheme}.png" for scheme in SCHEMES}


def test_pictures_have_the_expected_resolution_and_size() -> None:
    for scheme in SCHEMES:
        image = (IMAGES / f"console-{scheme}.png").read_bytes()
        assert len(image) <= MAX_BYTES
        assert struct.unpack(">II", image[16:24]) == (WIDTH * SCALE, HEIGHT * SCALE)  # PNG's header
