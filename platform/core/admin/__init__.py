"""The back office: one admin site, in which staff act in one role at a time."""
