"""Laws that any estimator of an outcome type must obey on all data."""
