"""The rooms of bulk jobs."""
