"""Speed, measured: the reference functions against other libraries, as ratios of times.

    python -m benchmarks.networks       RNN, LSTM and GRU, forward and with their gradients
    python -m benchmarks.memory         peak memory and time against T, with checkpoints
    python -m benchmarks.builds         two builds of the package, in turns
    python -m benchmarks.softmax_nll    softmax, NLL and its gradient
    python -m benchmarks.check          gradient checkers: what they see, false alarms, time
    python -m benchmarks.right_programs 2,000 right programs: how many are called wrong
    python -m benchmarks.wrong_programs the same with one mistake: none may be called right
    python -m benchmarks.hostile_calls  every argument with every kind of badness: how calls end
    python -m benchmarks.hostile_commands  every option of the command line with bad values
    python -m benchmarks.magnitudes     mistakes from 1e-300 to 1e300: found, or out of sight

The first two take ``--cores K`` (all by default) and ``--seconds S`` (a table row takes about S),
and first check that everybody computes the same. They need the repository and the extra ``bench``
(``pip install -e '.[bench]'``); a library that is not installed is left out, and the table says so.

Every time is taken in one process, in turns: ours, theirs, ours, theirs. Whatever else the machine
does then hits both, and the *ratio* of a turn is what the table summarises: its median over the
turns, with the quartiles in brackets. Below 1, ours is faster.
"""
