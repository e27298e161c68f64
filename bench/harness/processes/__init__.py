"""A command run to its end, and the figures it leaves."""
