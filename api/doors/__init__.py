"""Who may come in, what they may do, and what is refused at the door."""
