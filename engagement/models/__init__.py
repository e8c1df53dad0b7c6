"""Tables of what people do to one another."""
