"""``python -m packetbuddy.api HOME``: started by the monitor when somebody asks."""

from packetbuddy.api.main import run

if __name__ == "__main__":
    run()
