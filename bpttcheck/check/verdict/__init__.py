"""From errors along lines to a verdict on each parameter and each point, and to a report."""
