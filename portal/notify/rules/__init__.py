"""What a notice says, when it may go out, and which number it can go to."""
