"""Who goes live."""
