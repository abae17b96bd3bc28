"""What the tests talk to and we did not write: PostgreSQL, an OpenID Provider, a browser."""
