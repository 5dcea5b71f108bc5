"""``python -m packetbuddy.alerts HOME``: one run, started by the monitor when it is time."""

from packetbuddy.alerts.main import run

if __name__ == "__main__":
    run()
