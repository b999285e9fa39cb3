"""What the big engines cost on one GPU, at real size with random weights."""
