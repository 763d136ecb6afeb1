"""How much: foreign sales over turnover."""
