"""Mails: each a function that returns data, queued as a row in the transaction of what it tells."""
