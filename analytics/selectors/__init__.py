"""Reads of figures, from roll-ups alone."""
