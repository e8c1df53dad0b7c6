"""An app of the workers that tests start: a simulator that waits for the test before it answers."""

GATE = 4712
"""The advisory lock behind which an answer waits while a test holds it."""
