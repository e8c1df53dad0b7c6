"""What people do to one another."""
