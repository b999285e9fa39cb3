"""/v1/realtime: sound over a WebSocket, transcribed while people speak, as OpenAI's clients speak it."""
