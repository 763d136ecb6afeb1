"""How widely: export countries and regions."""
