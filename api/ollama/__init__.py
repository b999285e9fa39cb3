"""Ollama's routes, over the gateway."""
