"""A server that is killed in the middle of work, what its clients were told, and what must hold afterwards."""
