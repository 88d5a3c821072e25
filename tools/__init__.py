"""What makes parts of the program that are kept in it."""
