"""What a renaming, a change of basis or a batch must not change, and the duality of JVP and VJP."""

from __future__ import annotations

from typing import Any

from bpttcheck.identities.kinks import OFF_THE_KINK
from bpttcheck.statements.identity import Domain, Source, about


def _nll(case: Any) -> bool:
    return bool(case.loss == "nll")


def _linear(case: Any) -> bool:
    return bool(case.phi == "linear")


NLL = Domain("softmax and NLL, any targets", _nll)
SMOOTH_NLL = Domain(
    f"{NLL.assuming}; {OFF_THE_KINK.assuming}", lambda case: case in NLL and case in OFF_THE_KINK
)
LINEAR = Domain("the states are linear, φ(a) = a", _linear)

identity = about("symmetries", Source("bpttcheck", "an invariance of the definition"))

duality = identity(
    "symmetries.duality",
    "A cotangent meets a tangent at the outputs as its VJP meets the direction at the inputs.",
    "vjp == batch(sum(inner(v[t], o_dot[t]) for t in steps(1, T)))",
    domain=OFF_THE_KINK,
    source=Source("bpttcheck", "the definition of an adjoint, ⟨v, J u⟩ = ⟨Jᵀ v, u⟩"),
    wrong={"the last step alone": "batch(inner(v[T], o_dot[T]))"},
)

alone_loss = identity(
    "symmetries.batch-loss",
    "A sequence has the loss in a batch that it has by itself.",
    "L_alone == L",
    wrong={"the batch's": "batch(L)", "shared out": "L / 2"},
)

alone_gradient = identity(
    "symmetries.batch-gradient",
    "A sequence adds to the gradient of a batch what it has by itself.",
    "dW_alone == d(L, W)",
    domain=OFF_THE_KINK,
    wrong={"the batch's": "batch(d(L, W))", "transposed": "d(L, W).T"},
)

state_order = identity(
    "symmetries.states-forward",
    "Permuted states run as before, under other names.",
    "h_states[t] == P @ h[t]",
    t="steps(0, T)",
    wrong={"the inverse permutation": "P.T @ h[t]", "not permuted": "h[t]"},
)

state_loss = identity(
    "symmetries.states-loss",
    "Renaming the states does not change the loss.",
    "L_states == L",
    wrong={"shared out": "L / 2"},
)

class_loss = identity(
    "symmetries.classes-loss",
    "Renaming the classes does not change the loss.",
    "L_classes == L",
    domain=NLL,
    wrong={"shared out": "L / 2"},
)

shift_loss = identity(
    "symmetries.shift-loss",
    "Adding one number to every logit does not change the loss.",
    "L_shifted == L",
    domain=NLL,
    wrong={"shared out": "L / 2"},
)

shift_gradient = identity(
    "symmetries.shift-gradient",
    "So the gradient of the output's bias has no part along (1, …, 1).",
    "inner(ones_p, d(L, c)) == 0",
    domain=NLL,
    wrong={"one": "1"},
)

basis_forward = identity(
    "symmetries.basis-forward",
    "Linear states in another orthonormal basis are the same states, seen from there.",
    "h_basis[t] == Q @ h[t]",
    t="steps(0, T)",
    domain=LINEAR,
    wrong={"not turned": "h[t]"},
)

basis_loss = identity(
    "symmetries.basis-loss",
    "A change of basis of linear states does not change the loss.",
    "L_basis == L",
    domain=LINEAR,
    wrong={"shared out": "L / 2"},
)


def _gradients(of: str, says: str, M: str, domain: Domain) -> Any:
    def gradient(name: str, moved: str, wrong: str) -> Any:
        return identity(
            f"symmetries.{of}-{name}",
            f"The gradient of {name} is {says} as {name} is.",
            f"d{name}_{of} == batch({moved})",
            domain=domain,
            wrong={"as it was": f"batch(d(L, {name}))", "by the inverse": f"batch({wrong})"},
        )

    return (
        gradient("W", f"{M} @ d(L, W) @ {M}.T", f"{M}.T @ d(L, W) @ {M}"),
        gradient("U", f"{M} @ d(L, U)", f"{M}.T @ d(L, U)"),
        gradient("V", f"d(L, V) @ {M}.T", f"d(L, V) @ {M}"),
    )


class_V = identity(
    "symmetries.classes-V",
    "The gradient of V is permuted as its rows are.",
    "dV_classes == batch(R @ d(L, V))",
    domain=NLL,
    wrong={"as it was": "batch(d(L, V))", "by the inverse": "batch(R.T @ d(L, V))"},
)

class_W = identity(
    "symmetries.classes-W",
    "The gradient of W does not see the names of the classes.",
    "dW_classes == batch(d(L, W))",
    domain=SMOOTH_NLL,
    wrong={"transposed": "batch(d(L, W).T)"},
)

class_U = identity(
    "symmetries.classes-U",
    "Nor does that of U.",
    "dU_classes == batch(d(L, U))",
    domain=SMOOTH_NLL,
    wrong={"nothing": "batch(d(L, U)) - batch(d(L, U))"},
)

ALL = (
    duality,
    alone_loss,
    alone_gradient,
    state_order,
    state_loss,
    *_gradients("states", "permuted", "P", OFF_THE_KINK),
    class_loss,
    class_V,
    class_W,
    class_U,
    shift_loss,
    shift_gradient,
    basis_forward,
    basis_loss,
    *_gradients("basis", "turned", "Q", LINEAR),
)
