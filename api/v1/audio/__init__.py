"""/v1/audio: recordings in, words out, in every format that OpenAI's clients ask for."""
