"""By which route: niche or mass, sprinkler or waterfall, entry mode."""
