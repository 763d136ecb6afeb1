"""`python -m exportmodels`: the same as the command `exportmodels`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
