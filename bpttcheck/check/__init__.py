"""Turn it on anybody's backward pass: gradients compared with the derivative of their own loss."""

from bpttcheck.check.block import Block
from bpttcheck.check.gradients import assert_gradients, check_gradients
from bpttcheck.check.report import Report

__all__ = ["Block", "Report", "assert_gradients", "check_gradients"]
