"""What a person can ask for, and how to appeal."""
