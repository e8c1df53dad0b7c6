"""What is known of a person, over all tables: whose each row is, what is handed out, and the archive made of it."""
