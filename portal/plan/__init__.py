"""The plan a person and Nav make together: goal, activities in the week, meetings and tasks."""
