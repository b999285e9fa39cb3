"""The page: plain HTML, CSS and ES modules, as files; nothing here is Python."""
