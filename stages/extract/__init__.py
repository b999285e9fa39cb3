"""Utterances -> a summary without a language model: sentences chosen, never written."""

from stages.extract.extractive import Extractive

__all__ = ["Extractive"]
