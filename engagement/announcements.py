"""What this app tells the rest of the platform, in the transaction in which it happens."""
