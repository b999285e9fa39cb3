"""Utterances -> a summary by a language model, every point of which is checked against what was said."""
