"""Parameters and data that are refused, and in which words."""

import numpy as np

from bpttcheck import check_gradients
from tests.parameters.nested import B, Pair, W, nested
from tests.refusals import refusals, refuses


class Sparse:
    dtype = np.dtype(np.float64)


within = [W]
within.append(within)
OWN = "whose operations are not those of an array: np.asarray(…) makes one of it"

REFUSED = [
    ({"W": np.ma.array([1.0, 2.0])}, TypeError,
     f"params['W']: expected a plain array, got a numpy.ma.MaskedArray, {OWN}"),
    ({"c": [np.ma.array([1.0])]}, TypeError,
     "params.c[0]: expected a plain array, got a numpy.ma.MaskedArray"),
    ({"W": np.ones((1, 1)).view(np.matrix)}, TypeError,
     f"params['W']: expected a plain array, got a numpy.matrix, {OWN}"),
    ({"W": W, "q": Sparse()}, TypeError,
     f"params['q']: expected a plain array, got a tests.Sparse, {OWN}"),
    ({"W": np.array([1.0, None])}, TypeError,
     "params['W']: expected an array of floats, got objects of type float"),
    ({"W": W, "q": np.array([None])}, TypeError,
     "params['q']: expected an array of floats, got objects of type NoneType"),
    ({"W": W, "q": np.zeros(2, [("a", float)])}, TypeError,
     "params['q']: expected an array of floats, got dtype [('a', '<f8')]"),
    ({"W": W, "q": np.array(["a"])}, TypeError,
     "params['q']: expected an array of floats, got dtype <U1"),
    ({"W": W, "q": np.array(["2020"], "M8[Y]")}, TypeError,
     "params['q']: expected an array of floats, got dtype datetime64[Y]"),
    ({"W": W, "q": [1.0, [2.0]]}, ValueError,
     "params['q']: expected a rectangular array of numbers, got setting an array element"),
    ({"cell": {"W": np.zeros((0, 2))}}, ValueError,
     "params.cell.W: expected at least one entry, got shape (0, 2)"),
    ({"cell": Pair([W, np.array([0, np.inf])], B)}, ValueError,
     "params.cell.W[1]: expected finite numbers, got inf at index (1,)"),
    ({"z": np.array([1j * np.inf])}, ValueError,
     "params['z']: expected finite numbers, got (nan+infj) at index (0,)"),
    ({"W": within}, ValueError,
     "params.W[1]: expected a structure without end, got one within itself"),
    (3, TypeError, "params: expected arrays of floats, in any structure, got int"),
    (None, TypeError, "params: expected arrays of floats, in any structure, got NoneType"),
    ("W", TypeError, "params: expected arrays of floats, in any structure, got str"),
    (np.sin, TypeError, "params: expected arrays of floats, in any structure, got ufunc"),
    (np.arange(3), TypeError, "params: expected arrays of floats, in any structure, got ndarray"),
    ([1, 2], TypeError, "params[0]: expected an array of floats, got dtype int64"),
    ({"a": {"b": "text"}}, TypeError, "params.a.b: expected an array of floats, got dtype <U4"),
    ([], ValueError, "params: expected at least one array, got none"),
    ({"a": {}, "b": []}, ValueError, "params: expected at least one array, got none"),
]  # fmt: skip


@refusals([(lambda given=given: check_gradients(nested, given), kind, message)
           for given, kind, message in REFUSED])  # fmt: skip
def test_what_is_refused(call, kind, message):
    refuses(call, kind, message)


DATA = [
    ([1.0], "data: expected a mapping of names to arrays, got list"),
    ({"y": "text"}, "data['y']: expected an array of numbers, got dtype <U4"),
    ({"y": None}, "data['y']: expected an array of numbers, got objects of type NoneType"),
    ({"y": [1.0, [2.0]]}, "data['y']: expected an array of numbers, got setting an array element"),
    ({"y": np.ma.array([1.0])},
     "data['y']: expected an array of numbers, got a numpy.ma.MaskedArray"),
]  # fmt: skip


@refusals([(lambda given=given: check_gradients(nested, W, data=given), TypeError, message)
           for given, message in DATA])  # fmt: skip
def test_data_that_are_refused(call, kind, message):
    refuses(call, kind, message)
