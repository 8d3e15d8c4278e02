"""The digests: told once a day, in the app to each person, to the channel for the team."""

from enum import StrEnum


class Digest(StrEnum):
    FOLLOW_UPS = "follow_ups"
    AT_RISK = "at_risk"
    DAILY_SUMMARY = "daily_summary"
