"""A bar chart with ranges as one SVG: what bench/compare draws."""

import html
import math

WIDTH, ROW, LEFT, RIGHT, TOP = 760, 34, 170, 110, 48


def decades(values):
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))


def short(value):
    for unit, letter in ((1e6, " M"), (1e3, " k")):
        if value >= unit:
            return f"{value / unit:.3g}{letter}"
    return f"{value:.3g}"


def text(x, y, words, anchor="start", size=13, fill="#1b2733"):
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size}" fill="{fill}">{html.escape(words)}</text>'


def bar_chart(title, note, bars):
    """`bars`: (name, middle, least, greatest), all above 0; the axis is logarithmic."""
    low, high = decades([value for _, *values in bars for value in values])
    height = TOP + ROW * len(bars) + 44

    def across(value):
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
             f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', text(16, 26, title, size=16)]
    for power in range(low, high + 1):
        x = across(10**power)
        parts += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - 40}" stroke="#e3e7ec"/>',
                  text(x, height - 24, short(10**power), "middle", 11, "#5f6f80")]
    for row, (name, middle, least, greatest) in enumerate(bars):
        y, colour = TOP + ROW * row, "#1f6feb" if name.startswith("Weir") else "#8a97a6"
        parts += [text(LEFT - 10, y + 21, name, "end"),
                  f'<rect x="{LEFT}" y="{y + 7}" width="{across(middle) - LEFT:.1f}" height="20" fill="{colour}"/>',
                  f'<line x1="{across(least):.1f}" x2="{across(greatest):.1f}" y1="{y + 17}" y2="{y + 17}" stroke="#1b2733"/>',
                  text(across(greatest) + 8, y + 21, short(middle))]
    return "\n".join(parts + [text(16, height - 6, note, size=11, fill="#5f6f80"), "</svg>"]) + "\n"
