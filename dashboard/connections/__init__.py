"""What happens to a connection: reading, syncing, the disconnect, and leaving for good."""
