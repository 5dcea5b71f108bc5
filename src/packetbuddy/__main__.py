"""``python -m packetbuddy`` is ``pb``."""

from packetbuddy.cli.main import run

if __name__ == "__main__":
    run()
