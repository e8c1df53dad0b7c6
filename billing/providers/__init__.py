"""Payment providers behind one port: docs/guides/providers.md."""
