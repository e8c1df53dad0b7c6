"""The audience: what may be published of it, and who comes back."""
