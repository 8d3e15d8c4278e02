"""Who stays: customers and when they deposited, who slips away, who is lost, and who is loyal (spec 5.2)."""
