"""WebSockets of live meetings: those that send sound, and those that watch."""
