"""A sample of questionnaires drawn to agree with the published figures, one block of questions a file."""
