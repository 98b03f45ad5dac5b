"""Talking with the veileder."""
