"""Background work and its schedule: docs/guides/jobs.md."""
