"""The right backward pass of a recognised network, with a switch for each mistake."""
