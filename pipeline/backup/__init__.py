"""Everything that is kept -> a folder or bucket, and back onto empty stores of any kind."""
