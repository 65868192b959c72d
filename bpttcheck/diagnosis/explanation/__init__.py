"""Which mistakes reproduce the gradients that were given, and how that is told."""
