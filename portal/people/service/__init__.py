"""What happens when people sign in, get a code, or are looked up; one module per use."""
