"""What is said of a fit: tests, effects, resampling, exact tests, bounds."""
