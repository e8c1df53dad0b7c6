"""Encrypted and sealed columns, blind indexes, and the keys they need."""
