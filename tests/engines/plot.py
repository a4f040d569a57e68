# SPDX-License-Identifier: MIT
"""A dashboard as a picture, by gnuplot: each panel in its place, with what Prometheus answers
to its queries. It stands in for Grafana, which Debian does not have, and resembles it no more
than that.
"""
COLUMNS, ROW, WIDTH = 24, 34, 1400  # of a dashboard; pixels
MOST = 12  # series of a panel


def quote(text):
    return "'" + str(text).replace("'", "''") + "'"


def legend(target, metric):
    text = target["legendFormat"]
    if text == "__auto":
        return ", ".join(f"{k}={v}" for k, v in metric.items() if k not in ("__name__", "job")) or "value"
    for key, value in metric.items():
        text = text.replace("{{" + key + "}}", value)
    return text


def number(value, unit):
    if unit == "percentunit":
        return f"{value:.1%}"
    return f"{value:.6g}" + {"s": " s"}.get(unit, "")


def curves(panel, answers):
    """answers: of each target, the matrix of a range query."""
    series = [(legend(t, s["metric"]), s["values"]) for t, a in zip(panel["targets"], answers) for s in a]
    if not series:
        return words(panel, [["No data"]])
    start = min(float(s[1][0][0]) for s in series)
    out = ["set border 3; set grid; set tics; set key below samplen 1; unset label"]
    low = panel["fieldConfig"]["defaults"].get("min")
    high = panel["fieldConfig"]["defaults"].get("max")
    out.append(f"set yrange [{'*' if low is None else low}:{'*' if high is None else high}]; set xrange [*:*]")
    out.append("plot " + ", ".join(f"'-' with lines lw 2 title {quote(name)}" for name, _ in series[:MOST]))
    for _, values in series[:MOST]:
        out += [f"{float(t) - start} {v}" for t, v in values] + ["e"]
    return out


def lines(panel, answers):
    """answers: of each target, the vector of an instant query."""
    unit = panel["fieldConfig"]["defaults"]["unit"]
    found = [(legend(t, s["metric"]), float(s["value"][1])) for t, a in zip(panel["targets"], answers)
             for s in a][:MOST]
    if panel["options"].get("textMode") == "name":
        return [[name] for name, _ in found]
    if panel["type"] == "stat":
        return [[number(v, unit)] for _, v in found]
    return [[name, number(v, unit)] for name, v in found]


def words(panel, rows):
    """What is no curve: rows of text."""
    out = ["unset border; unset tics; unset grid; unset key; unset label",
           "set xrange [0:1]; set yrange [0:1]"]
    big = panel["type"] == "stat" or rows == [["No data"]]
    for i, row in enumerate(rows):
        y = 0.5 if big and len(rows) == 1 else 1 - (i + 0.7) / max(len(rows), 5)
        out.append(f"set label {quote('   '.join(row)[:110])} at {0.5 if big else 0.02},{y} "
                   f"{'center' if big else 'left'} font ',{16 if big else 9}'")
    return out + ["plot NaN notitle"]


def script(board, answers, file):
    """The gnuplot program; answers: panel id -> what its targets' queries were answered."""
    height = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in board["panels"])
    out = [f"set terminal png size {WIDTH},{height * ROW} noenhanced font 'sans,9'",
           f"set output {quote(file)}", "set multiplot"]
    for panel in board["panels"]:
        at = panel["gridPos"]
        out.append(f"set origin {at['x'] / COLUMNS},{1 - (at['y'] + at['h']) / height}; "
                   f"set size {at['w'] / COLUMNS},{at['h'] / height}")
        out.append(f"set title {quote(panel['title'])}")
        if panel["type"] == "row":
            out += words(panel, [])
        elif panel["type"] == "timeseries":
            out += curves(panel, answers[panel["id"]])
        else:
            out += words(panel, lines(panel, answers[panel["id"]]) or [["No data"]])
    return "\n".join([*out, "unset multiplot", ""])
