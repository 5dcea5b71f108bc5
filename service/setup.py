"""What the setup scripts of all systems start, once they found a Python that is new enough."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from packetbuddy.installing.main import main  # noqa: E402 - it is found by the line above

if __name__ == "__main__":
    sys.exit(main(ROOT, sys.argv[1:], os.environ))
