"""Figures for charts and tables: reads of roll-ups, never of what they were made from."""
