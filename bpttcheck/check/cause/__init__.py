"""From a wrong gradient to the mistake: what is asked of the diagnosis, and at which points."""
