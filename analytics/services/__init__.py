"""Figures: every change goes through one of these."""
