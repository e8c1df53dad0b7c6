"""What is on air and what remains of it."""
