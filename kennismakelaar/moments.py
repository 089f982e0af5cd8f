"""Moments as records keep them: text (ISO 8601) in UTC, to the second."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def moment(at: datetime) -> str:
    """As records keep it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")
