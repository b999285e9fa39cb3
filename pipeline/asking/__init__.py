"""Questions about meetings -> answers that cite what was said."""
