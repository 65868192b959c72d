"""Name the mistake: wrong backward passes of ours, compared with the user's."""
