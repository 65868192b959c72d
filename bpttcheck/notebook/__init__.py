"""What the notebooks of the site are made of: equations and claims with their decisions."""

from bpttcheck.notebook.enclosures import agree, show
from bpttcheck.notebook.markdown import Markdown, badge, plain, verdict
from bpttcheck.notebook.walk import Walk

__all__ = ["Markdown", "Walk", "agree", "badge", "plain", "show", "verdict"]
