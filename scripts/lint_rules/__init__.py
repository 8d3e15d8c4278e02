"""House rules that no general linter knows: small checks over the syntax tree of every backend module."""
