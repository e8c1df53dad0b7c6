"""Operations on people; each owns its transaction and says what it locks, raises and announces."""
