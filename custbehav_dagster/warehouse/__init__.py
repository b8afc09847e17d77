"""How tables and files are kept: one writer at a time, all or nothing, readers never wait."""
