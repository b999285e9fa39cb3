"""Tells other servers when a meeting has come to its end: signed, tried again, and never an address of ours."""
