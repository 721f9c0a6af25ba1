"""The whole product on one machine: an emulated AWS, the real template, one base URL in front."""
