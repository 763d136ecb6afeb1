"""The engine: formula to design, likelihood to Newton fit, fit to results."""
