"""The shared database. Nothing else of PacketBuddy loads the driver."""
