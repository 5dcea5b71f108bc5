"""``python -m packetbuddy.installing``: the second half of setup, in the version that was just installed."""

from packetbuddy.installing.settling import run

if __name__ == "__main__":
    run()
