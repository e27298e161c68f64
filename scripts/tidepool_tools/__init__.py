"""What the command `tidepool` is made of: seven rooms, each of which imports only what stands before it here."""

ROOMS = ("base", "stats", "heap", "measure", "report", "top", "cli")
