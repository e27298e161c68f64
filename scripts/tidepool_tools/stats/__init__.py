"""The statistics: one model of a dump, driven by its schema."""
