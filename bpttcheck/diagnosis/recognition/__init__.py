"""Which network somebody's function is: its arrays, their roles, its loss."""
