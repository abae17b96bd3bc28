"""What a page costs, against the least that could serve it."""
