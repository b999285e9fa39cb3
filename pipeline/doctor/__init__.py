"""What the machine and its packages are like, what is wrong with them, and the command that mends it."""
