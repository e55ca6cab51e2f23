"""``python -m autograd``; see autograd/command/."""

import sys

from autograd.command.main import main

if __name__ == "__main__":
    sys.exit(main())
