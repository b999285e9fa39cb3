"""The routes of /v1 and of Ollama's dialect, described for the OpenAPI document: the framework does not know them."""
