"""Public data that billing brings in, and what is made of it for the demo."""
