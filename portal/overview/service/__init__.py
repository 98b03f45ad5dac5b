"""What the overview pages put together: a person's day, a veileder's work, an office."""
