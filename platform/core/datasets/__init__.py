"""Bringing public data sets in: a registry that apps fill, and the rules every import obeys."""
