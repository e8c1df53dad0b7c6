"""Reads of figures for pages: from roll-ups alone."""
