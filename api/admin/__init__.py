"""For those who look after the server: what it is made of, how it is, and what can be done about it."""
