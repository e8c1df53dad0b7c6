"""The back office's frame."""
