"""What is compared, and on what."""
