"""The moment at which something is published: local time as people write it, to and from UTC.

Twice a year the clocks move: an hour is missing, or comes twice. A local time that does not exist is
refused; of one that comes twice the first is meant, and the words say which.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from veo_studio.ui.text import tr

# whoever writes "in a minute" is still typing when it is over
SOONEST = timedelta(minutes=1)
# nobody plans for longer, and a wrong year is seen at once
LATEST = timedelta(days=366 * 2)


class WrongMoment(ValueError):
    """A sentence for people."""


def to_utc(local: datetime, zone: tzinfo | None = None) -> datetime:
    """The aware moment of a naive local time; None is the zone of this computer.

    Raises WrongMoment for one that the clocks leave out.
    """
    placed = local.replace(tzinfo=zone, fold=0) if zone is not None else local.astimezone()
    moment = placed.astimezone(UTC)
    back = _local(moment, zone).replace(tzinfo=None)
    if back != local:
        raise WrongMoment(
            tr(
                "The clocks go forward then: {time} does not exist on that day.",
                time=local.strftime("%H:%M"),
            )
        )
    return moment


def planned(local: datetime, now: datetime, zone: tzinfo | None = None) -> datetime:
    """As `to_utc`, and WrongMoment as well for what is over or too far away. `now` is aware."""
    moment = to_utc(local, zone)
    if moment < now:
        raise WrongMoment(tr("This moment is over. Choose a later one."))
    if moment - now > LATEST:
        raise WrongMoment(tr("This is more than two years away. Look at the year."))
    return moment


def first_offer(now: datetime, zone: tzinfo | None = None) -> datetime:
    """The next full hour that is half an hour away at least, as naive local time."""
    moment = now + timedelta(minutes=30)
    local = _local(moment, zone)
    if local.minute or local.second or local.microsecond:
        moment = (moment + timedelta(hours=1)).replace(microsecond=0)
        local = _local(moment, zone).replace(minute=0, second=0)
    return local.replace(tzinfo=None)


def naive_local(moment: datetime, zone: tzinfo | None = None) -> datetime:
    """An aware moment as people here write it."""
    return _local(moment, zone).replace(tzinfo=None)


def moment_words(moment: datetime, zone: tzinfo | None = None) -> str:
    """Day, time and zone: "Fri 2026-11-27 18:00 CET"; the zone tells an hour from its double."""
    local = _local(moment, zone)
    day = (
        tr("Mon"), tr("Tue"), tr("Wed"), tr("Thu"), tr("Fri"), tr("Sat"), tr("Sun"),
    )[local.weekday()]  # fmt: skip
    return f"{day} {local.strftime('%Y-%m-%d %H:%M')} {zone_words(local)}".rstrip()


def zone_words(local: datetime) -> str:
    """ "CET", or "UTC+01:00" where the system has a long name or none."""
    name = local.tzname() or ""
    if name and len(name) <= 5:
        return name
    offset = local.utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    sign = "+" if minutes >= 0 else "\u2212"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def away_words(moment: datetime, now: datetime) -> str:
    """ "in 3 h 20 min", "in 4 days"; "now" for what is due."""
    minutes = int((moment - now).total_seconds() // 60)
    if minutes < 1:
        return tr("now")
    if minutes < 60:
        return tr("in {m} min", m=minutes)
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return tr("in {h} h {m} min", h=hours, m=rest) if rest else tr("in {h} h", h=hours)
    return tr("in {d} days", d=hours // 24)


def _local(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.astimezone(zone)
