"""HTTP plumbing without domain words: problem details, request context, security headers, paging, the static app."""
