"""The staff's desk: My customers, by batch and database (spec 6.2), and everything about one customer."""
