"""Forward definitions: what each network computes."""
