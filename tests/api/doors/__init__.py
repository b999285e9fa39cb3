"""Tests of the doors: a real application, a real database, and whoever should not get in."""
