"""What people do to one another: every change goes through one of these."""
