"""Heap profiles: one reader, and the names of their functions."""
