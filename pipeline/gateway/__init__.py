"""The gateway: one address in front of embedded engines and other people's servers."""
