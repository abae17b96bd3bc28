"""The local identity provider: who exists, what it signs with, what it answers to apps, what people see."""
