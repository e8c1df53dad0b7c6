"""Files in which providers and banks say what they settled, read into one form, strictly and without floats."""
