"""The clock: what is due is done here. It decides when and where, never what."""
