"""What spreadsheets did to files, found, proven and undone between the raw tables and their cleaning.

The raw tables stay as written. A repair is made only when figures of the file itself show
the damage, and is recorded cell by cell. What a cell means is not decided here.
"""
