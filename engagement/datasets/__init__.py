"""Data sets that fill engagement."""
