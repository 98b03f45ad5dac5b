"""What one can do with a plan: read and make it (plans), tick tasks (tasks), know who comes when (visits)."""
