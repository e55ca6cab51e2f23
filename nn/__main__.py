"""``python -m nn``; see nn/command/."""

import sys

from nn.command.main import main

if __name__ == "__main__":
    sys.exit(main())
