"""What a book is exposed to."""
