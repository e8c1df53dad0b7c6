"""Whether the platform is well: `manage.py health`, and `/readyz` for monitors."""

from core.health.registry import Finding, Health, State, failed, health_check, ok, take_health, warning

__all__ = ["Finding", "Health", "State", "failed", "health_check", "ok", "take_health", "warning"]
