"""One file a model family: the only place that imports a model runtime."""
