"""The questionnaire, reading and checking answers, and the firms table."""
