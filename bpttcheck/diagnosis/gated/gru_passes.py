"""Mistaken passes of what is the GRU's own: the direct path, the update and the reset gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.gated.backward import GatedBase, GatedFlow
from bpttcheck.diagnosis.gated.cell_passes import Change, changed, partners
from bpttcheck.diagnosis.passes import Make, Pass
from bpttcheck.diagnosis.steps import moved


def _sign(base: GatedBase) -> float:
    return 1.0 if base.cell.keeps else -1.0


OF_GRU: dict[tuple[str, str, str], Change] = {
    ("z", "update-sign", "the sign of h_{t−1} − g_t"): lambda b: -b.parts.partners["z"],
    ("z", "update-path-missing", "h_{t−1} alone"): lambda b: _sign(b) * b.run.h[:-1],
    ("z", "update-path-missing", "g_t alone"): lambda b: -_sign(b) * b.run.gates["g"],
    ("z", "gate-partner-wrong", "h_{t−1} + g_t"): lambda b: b.run.h[:-1] + b.run.gates["g"],
    ("z", "gate-partner-wrong", "g_t, the sign of it too"): lambda b: _sign(b) * b.run.gates["g"],
    ("z", "gate-partner-wrong", "h_{t−1}, the sign of it too"): lambda b: -_sign(b) * b.run.h[:-1],
    ("z", "gate-partner-wrong", "h_t − g_t"):
        lambda b: _sign(b) * (b.run.h[1:] - b.run.gates["g"]),
    ("z", "gate-partner-wrong", "h_{t−1} − h_t"): lambda b: _sign(b) * (b.run.h[:-1] - b.run.h[1:]),
    ("z", "gate-partner-wrong", "h_{t−1} − a_g"):
        lambda b: _sign(b) * (b.run.h[:-1] - b.run.a["g"]),
    ("z", "gate-partner-missing", "h_{t−1} − g_t"): lambda b: np.ones(()),
    ("g", "update-swapped", "z and 1 − z"): lambda b: b.shares[0],
    ("g", "gate-partner-missing", "the share of g_t in h_t"): lambda b: np.ones(()),
    ("g", "gate-partner-wrong", "r_t"): lambda b: b.run.gates["r"],
    ("g", "gate-of-another-step", "z_{t−1}"): lambda b: moved(b.shares[1], -1, "repeated"),
    ("g", "gate-of-another-step", "z_{t+1}"): lambda b: moved(b.shares[1], 1, "repeated"),
    ("g", "stale-cache", "z_T at every step"): lambda b: b.shares[1][-1:],
    ("r", "stale-cache", "h_{T−1} at every step"):
        lambda b: b.run.q[-1:] if b.after else b.run.h[-2:-1],
    ("r", "gate-partner-missing", "what r_t multiplies"): lambda b: np.ones(()),
    ("r", "state-shifted", "h_t for h_{t−1}"):
        lambda b: _after(b, b.run.h[1:]) if b.after else b.run.h[1:],
    ("r", "gate-partner-wrong", "r_t ∘ h_{t−1} for h_{t−1}"):
        lambda b: b.run.gates["r"] * (b.run.q if b.after else b.run.h[:-1]),
    ("r", "gate-partner-wrong", "g_t"): lambda b: b.run.gates["g"],
    ("r", "gate-partner-wrong", "h_{t−1}, not multiplied by W_g"): lambda b: b.run.h[:-1],
    ("r", "bias-of-reset-missing", "b_Wg left out of what r_t multiplies"):
        lambda b: b.run.h[:-1] @ b.W["g"].T if b.after else b.parts.partners["r"],
}  # fmt: skip


def _after(base: GatedBase, h: Array) -> Array:
    return np.asarray(h @ base.W["g"].T + base.net.weights["b_Wg"])


def of_gru() -> Iterator[Pass]:
    """Yield the mistakes of the direct path and of the reset gate."""
    yield from partners(OF_GRU)
    yield from direct_paths()
    yield Pass("direct-path-wrong", "r_t for the share of h_{t−1}",
               changed(keep=lambda b: b.run.gates["r"]))  # fmt: skip
    yield Pass("direct-path-wrong", "a_z", changed(keep=lambda b: b.run.a["z"]))
    yield Pass("direct-path-wrong", "σ′(a_z)", changed(keep=lambda b: b.parts.slopes["z"]))
    for shift, name in ((-1, "z_{t−1}"), (1, "z_{t+1}")):
        yield Pass("gate-of-another-step", f"{name} on the direct path",
                   changed(keep=partial(_moved_keep, shift)))  # fmt: skip
    yield Pass("stale-cache", "z_T at every step, on the direct path",
               changed(keep=lambda b: b.parts.keep[-1:] + 0 * b.parts.keep))  # fmt: skip
    yield Pass("update-swapped", "z and 1 − z on the direct path",
               changed(keep=lambda b: b.shares[1]))  # fmt: skip
    yield Pass("update-swapped", "z and 1 − z on the direct path and to the candidate",
               changed(keep=lambda b: b.shares[1],
                       partners=lambda b: b.parts.partners | {"g": b.shares[0]}))  # fmt: skip
    yield Pass("update-swapped", "z and 1 − z everywhere",
               changed(keep=lambda b: b.shares[1],
                       partners=lambda b: b.parts.partners | {
                           "g": b.shares[0], "z": -b.parts.partners["z"]}))  # fmt: skip
    for name, gate in {
        "missing": lambda b: np.ones(()),
        "z_t for r_t": lambda b: b.run.gates["z"],
        "1 − r_t for r_t": lambda b: 1 - b.run.gates["r"],
        "a_r for r_t": lambda b: b.run.a["r"],
        "σ′(a_r) for r_t": lambda b: b.parts.slopes["r"],
        "r_t²": lambda b: b.run.gates["r"] ** 2,
        "r_T": lambda b: b.run.gates["r"][-1:],
    }.items():
        cause = {"missing": "reset-forgotten", "r_T": "stale-cache"}.get(name, "reset-wrong")
        for where in ("everywhere", "message", "sums"):
            told = {"message": "in the message alone", "sums": "in the sums alone"}.get(where, "")
            detail = f"{'' if name == 'missing' else name} {told}".strip()
            yield Pass(cause, detail, _reset(gate, where))
    for shift, name in ((-1, "r_{t−1}"), (1, "r_{t+1}")):
        for where in ("everywhere", "message"):
            yield Pass("gate-of-another-step", f"{name} for r_t, {where}",
                       _reset(partial(_moved_reset, shift), where))  # fmt: skip
    yield Pass("reset-path-missing", "no gradient reaches the reset gate",
               _partnerless("r"))  # fmt: skip
    yield Pass("update-path-missing", "no gradient reaches the update gate", _partnerless("z"))
    yield Pass("candidate-path-missing", "no gradient reaches the candidate", _partnerless("g"))
    yield Pass("reset-driver-wrong", "∂L/∂a_g itself, not multiplied by W_gᵀ",
               _driven(lambda b, f: f.da["g"], "before"))  # fmt: skip
    yield Pass("reset-driver-wrong", "W_g for W_gᵀ",
               _driven(lambda b, f: f.da["g"] @ b.W["g"].T, "before"))  # fmt: skip
    yield Pass(
        "reset-driver-wrong",
        "∂L/∂g_t, without tanh′",
        _driven(lambda b, f: f.drive["g"] if b.after else f.drive["g"] @ b.W["g"], ""),
    )
    yield Pass("reset-driver-wrong", "∂L/∂h_t",
               _driven(lambda b, f: f.dh[1:], ""))  # fmt: skip


def direct_paths() -> Iterator[Pass]:
    """Yield the mistakes of the path past the gates, whatever they are."""
    yield Pass("direct-path-missing", "", _message(lambda t, f: f.through(t)))
    yield Pass("gate-message-missing", "all of them: the direct path alone",
               _message(lambda t, f: f.direct(t)))  # fmt: skip
    yield Pass("direct-path-wrong", "∂L/∂h_t itself", _message(lambda t, f: f.through(t) + f.dh[t]))
    yield Pass("direct-path-twice", "", _message(lambda t, f: f.send(t) + f.direct(t)))
    yield Pass("direct-path-sign", "", _message(lambda t, f: f.through(t) - f.direct(t)))


def _moved_reset(shift: int, base: GatedBase) -> Array:
    return moved(base.run.gates["r"], shift, "repeated")


def _moved_keep(shift: int, base: GatedBase) -> Array:
    return moved(base.parts.keep, shift, "repeated")


def _message(message: Callable[[int, GatedFlow], Array]) -> Make:
    return lambda base: base.propagate(message=message)


def _reset(gate: Change, where: str) -> Make:
    """Replace r_t in the message through the candidate, in what W_g's sum meets, or in both."""

    def make(base: GatedBase) -> GatedFlow | None:
        wrong = np.asarray(gate(base)) + 0 * base.parts.reset
        if where != "message" and base.before:
            return None  # there W_g's sum meets r_t ∘ h_{t−1}: a mistake of the sum
        if where == "sums":
            flow = base.right
            return replace(flow, parts=replace(flow.parts, reset=wrong))
        flow = base.propagate(parts=replace(base.parts, reset=wrong))
        return replace(flow, parts=base.parts) if where == "message" else flow

    return make


def _partnerless(gate: str) -> Make:
    return changed(
        partners=lambda b: b.parts.partners | {gate: 0 * b.parts.partners[gate]}
    )  # fmt: skip


def _driven(driver: Callable[[GatedBase, GatedFlow], Array], only: str) -> Make:
    """Let the reset gate be driven by something else, step by step."""

    def make(base: GatedBase) -> GatedFlow | None:
        if only == "before" and not base.before:
            return None

        def message(t: int, flow: GatedFlow) -> Array:
            drive = driver(base, flow)[t - 1] * base.parts.partners["r"][t - 1]
            flow.drive["r"][t - 1] = drive
            flow.da["r"][t - 1] = drive * base.parts.slopes["r"][t - 1]
            return flow.send(t)

        return base.propagate(message=message)

    return make
