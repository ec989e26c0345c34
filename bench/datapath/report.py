# SPDX-License-Identifier: Apache-2.0
"""Figures as Markdown tables and as SVG plots, without a plotting library."""

COLOURS = {"direct": "#888888", "skiff": "#1b7837", "iptables-legacy": "#d95f02", "iptables-nft": "#7570b3", "nftables": "#e7298a"}
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 300, 70, 50


def table(title, figures, rate="1/s", scale=1.0):
    """figures: {lane: Figure}; the first lane is what the ratios refer to."""
    lines = [f"| {title} | {rate} | p50 µs | p99 µs | CPU µs | to {next(iter(figures))} |", "|---|---|---|---|---|---|"]
    for name, figure in figures.items():
        digits = 0 if figure.rate / scale > 100 else 2
        latency = [f"{value:.0f}" if value == value else "–" for value in (figure.p50, figure.p99)]  # NaN: not measured
        lines.append(f"| {name} | {figure.rate / scale:,.{digits}f} | {latency[0]} | {latency[1]} | {figure.cpu_us:,.1f} | {figure.ratio:.3f} |")
    return "\n".join(lines) + "\n"


def plot(title, unit, points):
    """points: {lane: [(services, value)]}, services on a logarithmic axis. An SVG document."""
    import math  # pylint: disable=import-outside-toplevel
    counts = sorted({count for line in points.values() for count, _ in line})
    top = max(value for line in points.values() for _, value in line) * 1.1
    low, span = math.log10(counts[0]), max(math.log10(counts[-1]) - math.log10(counts[0]), 1e-9)
    x = lambda count: LEFT + (WIDTH - LEFT - 130) * (math.log10(count) - low) / span
    y = lambda value: HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 40) * value / top
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             f'<text x="{LEFT}" y="20" font-size="14">{title}</text>',
             f'<text x="{(WIDTH - 130 + LEFT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">Services</text>']
    for step in range(5):
        value = top * step / 4
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 130}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:,.0f}</text>')
    parts.append(f'<text x="{LEFT - 6}" y="36" text-anchor="end">{unit}</text>')
    for count in counts:
        parts.append(f'<text x="{x(count):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{count:,}</text>')
    for row, (name, line) in enumerate(points.items()):
        colour = COLOURS.get(name, "#000000")
        path = " ".join(f"{x(count):.1f},{y(value):.1f}" for count, value in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(count):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>' for count, value in line]
        parts.append(f'<text x="{WIDTH - 122}" y="{50 + 18 * row}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])
