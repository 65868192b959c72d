"""Mutation testing: the package made wrong in one place, again and again, and who notices.

``python -m benchmarks.mutants --help``. From ``mutmut`` come the operators for what functions do;
those for what is declared are ours. The sample, the choice of tests and the runner are ours too:
mutmut's runner keeps all mutants of a file in that file and switches between them at every call,
which reaches neither declarations nor decorated functions, and which no source can be read from.
"""
