"""Addresses -> what `Meetings` does: a file for each kind of thing that is asked for."""
