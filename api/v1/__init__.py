"""The standard /v1: OpenAI's routes and those that rerank, over the gateway."""
