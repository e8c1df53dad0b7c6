"""Public data that figures are made from."""
