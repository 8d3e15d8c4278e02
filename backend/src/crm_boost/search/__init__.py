"""One search over everything the reader may open: the palette of the web app (spec 6.1)."""
