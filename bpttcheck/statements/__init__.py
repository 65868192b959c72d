"""How a statement is said (notation), printed (latex), mutated and decided."""
