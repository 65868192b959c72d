"""What the documentation build needs besides MkDocs: executed notebooks, formulas, the ledger."""
