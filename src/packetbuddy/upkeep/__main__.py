"""``python -m packetbuddy.upkeep HOME``: one run, started by the monitor once a day."""

from packetbuddy.upkeep.main import run

if __name__ == "__main__":
    run()
