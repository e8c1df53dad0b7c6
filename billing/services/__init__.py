"""What may be done with money: every change goes through one of these."""
