"""Figures as text, as Markdown and as plots."""
