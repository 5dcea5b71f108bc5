"""Keeping PacketBuddy up to date, like an A/B boot loader: prepared aside, rehearsed, on trial, with a way back."""
