"""What the screens see of databases and records: the lists, their counts, the search. Reads only."""
