"""The pages: sections of text, tables and charts about runs, profiles and comparisons."""
