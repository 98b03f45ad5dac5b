"""What the plan says about days: its words, weeks, what is expected on a day, and tasks."""
