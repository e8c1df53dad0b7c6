"""Background work of engagement."""
