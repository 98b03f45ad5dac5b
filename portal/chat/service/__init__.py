"""What happens in the chat, one module per use: threads, sending, reading, inbox."""
