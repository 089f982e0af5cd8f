"""People who help people: questions that came in, introductions with the consent of both, letters, and what nobody can answer yet."""
