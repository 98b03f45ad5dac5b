"""Asking for notices, sending them, choosing them, and telling staff what became of them."""
