"""What changes data: one file a stage, and the vocabulary they share."""
