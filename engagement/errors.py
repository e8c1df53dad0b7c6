"""What the services of this app refuse."""
