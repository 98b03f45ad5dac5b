"""What a decision asks of a person, told as five answers, and the receipt that it was opened and read."""
