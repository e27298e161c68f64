"""The runs themselves."""
