"""What no honest phone would send, and a real server that it is sent to."""
