"""The pages of insight in the back office."""
