"""What it all came to."""
