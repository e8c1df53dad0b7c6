"""Scanning of files before anybody sees them: a small port, and the adapter of a real scanner behind it."""
