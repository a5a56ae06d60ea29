"""How the figures of several rounds are printed."""

import statistics


def spread(values, form):
    """The median, and the least and the greatest where they differ."""
    middle, least, most = (format(value, form) for value in (statistics.median(values), min(values), max(values)))
    return middle if least == most else f"{middle} ({least} to {most})"
