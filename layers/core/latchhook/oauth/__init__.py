"""OAuth: clients, the consent of users, and tokens that are verified like API keys."""
