"""What is on disk: the walk, and the plan that follows from comparing it with what is known."""
