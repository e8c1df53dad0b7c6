"""The rooms of engagement in the back office."""
