"""Oversight: trail, moderation and compliance."""
