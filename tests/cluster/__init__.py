"""The process graph of several machines, on one: for `make up`, chaos and the benches of nodes."""
