"""Pictures of hand-written pages: drawn from the page's own numbers, or from what is run here."""
