"""The reference pages that are generated from the registry (provisional contents).

The build calls :func:`pages` and nothing else of this module. A page that it returns must be
listed in the navigation of ``mkdocs.yml``.
"""

from __future__ import annotations

_CLAIMS = r"""# Claims

Every row is what a source says, as it says it, and what the machine decided.

| Claim | Verdict | Evidence |
|:--|:--|:--|
| $\partial\ell/\partial o = \hat y - y$ | <span class="verdict-holds">holds</span> | <span class="badge badge-exact">exact</span> |
| $\lvert \partial h_T/\partial h_0\rvert \to 0$ | <span class="verdict-holds-if">holds if</span> $\lvert w\rvert < 1$ | <span class="badge badge-enclosed">enclosed</span> |
| the gradient always vanishes | <span class="verdict-refuted">refuted</span> | <span class="badge badge-sampled">sampled</span> |
| $\partial h_t/\partial h_{t-1} = W\,\phi'(a_t)$ | <span class="verdict-ill-typed">ill-typed</span> | |
"""  # noqa: E501

_IDENTITIES = r"""# Identities

## The scalar error signal

$$
\delta_t = \left(\frac{\partial\ell_t}{\partial h_t} + w\,\delta_{t+1}\right)\tanh'(a_t) \tag{1}
$$
"""


def pages() -> dict[str, str]:
    """Return the generated pages: path below ``docs/`` to Markdown."""
    return {"reference/claims.md": _CLAIMS, "reference/identities.md": _IDENTITIES}
