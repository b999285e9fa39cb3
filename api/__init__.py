"""Parley's doors: the only code that knows Litestar, and the command line."""
