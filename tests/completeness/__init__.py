"""The trail is complete: whatever a service changes, it tells in the same transaction, or a list says why not."""
