"""Who people are, how they get in, and who may see what."""
