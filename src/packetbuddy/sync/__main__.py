"""``python -m packetbuddy.sync HOME``: one run, started by the monitor."""

from packetbuddy.sync.main import run

if __name__ == "__main__":
    run()
