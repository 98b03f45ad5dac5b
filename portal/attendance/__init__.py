"""Being there: check-in, saying that one cannot come, and the centre's board."""
