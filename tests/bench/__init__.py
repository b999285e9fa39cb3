"""What is measured: `make bench` runs every file, each prints a table."""

import stages  # noqa: F401 - sets up numpy before it is imported, as the program does
