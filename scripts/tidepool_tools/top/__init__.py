"""A running process on a terminal."""
