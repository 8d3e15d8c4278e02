"""How much of the customers each person looks at: limits, and an alarm when somebody takes far more than the team."""
