"""The subcommands of `tidepool`, one module each, and what they share: library.py."""
