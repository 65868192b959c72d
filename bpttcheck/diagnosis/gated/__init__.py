"""LSTM and GRU: recognised in the user's code, and their mistaken backward passes."""
