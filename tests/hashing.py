"""Argon2 as in production, at a price that tests can pay."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2PasswordHasher(Argon2PasswordHasher):
    """The same algorithm and format with the smallest parameters."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
