"""Backward passes: backpropagation through time of each cell, under the same names."""
