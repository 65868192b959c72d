"""The ledger: the claims of the sources, row by row.

from bpttcheck.claims import CLAIMS
CLAIMS["scalar.hidden-gradient"].readings
"""

from bpttcheck.claims import jacobian, notes, remedies, scalar, vector
from bpttcheck.claims.claim import SOURCES, Claim, ClaimReading

__all__ = ["CLAIMS", "SOURCES", "Claim", "ClaimReading"]

CLAIMS = {
    claim.id: claim
    for claim in (*scalar.CLAIMS, *vector.CLAIMS, *jacobian.CLAIMS, *notes.CLAIMS, *remedies.CLAIMS)
}
