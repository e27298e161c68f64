"""The figures of all runs."""
