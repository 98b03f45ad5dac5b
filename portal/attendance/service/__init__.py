"""What happens when people come, tell us that they cannot, or look at a day; one module per use."""
