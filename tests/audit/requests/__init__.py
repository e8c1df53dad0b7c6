"""Subject requests: what they refuse, what they do."""
