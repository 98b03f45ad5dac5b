"""Pages of the plan: the person's own, and where her veileder writes down what they agree."""
