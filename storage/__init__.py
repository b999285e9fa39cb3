"""What keeps things: the artifact store and the database."""
