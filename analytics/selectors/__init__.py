"""Figures for charts and tables: reads of roll-ups, never of what they were made from."""

"""Reads of figures for pages: from roll-ups alone."""
