"""Runs of commands: started, waited for, measured and weighed against each other."""
