"""Published figures and synthetic samples."""
