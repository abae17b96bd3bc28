"""What was imported: its kinds, reading it, and taking it along."""
