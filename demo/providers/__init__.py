"""The simulated third parties: how each behaves, what it remembers, how it fails, what people see of it."""
