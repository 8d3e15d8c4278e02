"""Charts that can be opened: one registry of metrics, the answers of 5.3, and the drill-downs that add up to them."""
