"""What `bench/run` is made of: allocators and programs in, tables and plots out.

A module of a room imports only from its own room and from those before it in ROOMS (tests/tools checks it):
  field      what is compared, and on what: allocators, settings, this machine, where files lie
  processes  a command run to its end, and the figures it leaves
  figures    the figures of all runs, ratios and means, the file that holds them, and how numbers are written
  programs   what is measured: kinds of programs and the table of all
  measuring  the runs themselves, round by round
  pages      figures as text, as Markdown and as plots
  commands   the command line
"""

ROOMS = ("field", "processes", "figures", "programs", "measuring", "pages", "commands")
