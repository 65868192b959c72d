"""Runs: an evaluated example of a model, every quantity named, in any number system."""

from bpttcheck.runs import activations, rnn, scalar_rnn, softmax_nll

MODELS = {m.name: m for m in (activations.MODEL, softmax_nll.MODEL, scalar_rnn.MODEL, rnn.MODEL)}
