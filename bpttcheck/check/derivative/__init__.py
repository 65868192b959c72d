"""The derivative of a loss along lines, and how far a claimed gradient is from it."""
