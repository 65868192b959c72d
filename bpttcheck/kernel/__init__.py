"""The trusted kernel: a verifier of its own, which imports nothing else of this package.

Everything outside may be wrong, and no false equation in its reach is called exact: ``verify`` asks
the kernel too, and a *no* stands. It knows a network by equations alone, such as

    c[t] == diag(f[t]) @ c[t - 1] + diag(i[t]) @ g[t]

taken as definitions, and has no other forward pass and no backward pass. What an algorithm
returned, dW say, is a number from outside, compared like any other: where it is wrong, the equation
fails.

Read in this order: numbers, definitions, expression, quantities, equation.
"""
