"""The deployed product on one machine: an emulated AWS, the real template, and one base URL."""
