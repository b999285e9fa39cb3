"""Meetings while they happen: sound in, captions out, nothing acknowledged that is not stored."""
