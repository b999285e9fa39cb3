"""Meetings in motion: plan, runner, recording, artifacts, exports."""
