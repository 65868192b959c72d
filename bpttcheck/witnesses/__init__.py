"""Derivatives that do not come from BPTT: they rest on the forward definition alone."""
