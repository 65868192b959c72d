"""``python -m bpttcheck``."""

from bpttcheck.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
