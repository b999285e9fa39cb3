"""The database: SQLite or PostgreSQL, through the same code."""
