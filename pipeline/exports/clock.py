"""Seconds -> how readers and players write a time."""


def clock(time: float) -> str:
    """Write a time for readers: 0:00, 12:34, 1:02:03."""
    minutes, second = divmod(int(time), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def stamp(time: float, comma: str) -> str:
    """Write a time for players: 00:00:01,500 (SubRip) or 00:00:01.500 (WebVTT)."""
    second, milli = divmod(round(max(0.0, time) * 1000), 1000)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{hour:02}:{minute:02}:{second:02}{comma}{milli:03}"
