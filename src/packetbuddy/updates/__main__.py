"""``python -m packetbuddy.updates HOME``: one check, started by the monitor."""

from packetbuddy.updates.main import run

if __name__ == "__main__":
    run()
