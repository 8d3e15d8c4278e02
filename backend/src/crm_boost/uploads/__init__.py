"""The life of an uploaded file: analysis, report, storing, undo (spec 2.2). Parsing itself is `databases.imports`."""
