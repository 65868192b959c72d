"""A problem at many cases: drawn, asked, shrunk, asked again, mended."""
