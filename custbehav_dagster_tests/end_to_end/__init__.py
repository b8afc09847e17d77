"""The whole platform as its users start it: commands, files, faults, two at once, a browser."""
