"""Tamper evidence of the trail: what is hashed, signed and proven. The rows are in `audit.models`."""
