"""The rooms of moderation: cases, reports, decisions, appeals, strikes."""
