"""From a folder with PacketBuddy's code to a home that counts: versions, the launcher, pb on PATH, the questions.

The first half (:mod:`~packetbuddy.installing.main`) runs straight from the folder, before anything is installed, so it
needs nothing but Python's own library. The second half (``python -m packetbuddy.installing``) runs in the version that
was just installed and may use what came with it.
"""
