# SPDX-License-Identifier: MIT
"""Pages for the browser: well formed, complete in themselves, and harmless whatever names say."""
import itertools
import json
import math
import os
import re
import shutil
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, "tests/html")
import samples  # noqa: E402  documents made by hand

VOID = {"meta", "br", "wbr", "hr", "col", "img"}
KNOWN = {"html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section",
         "article", "h1", "h2", "h3", "h4", "p", "b", "span", "code", "pre", "a", "ul", "li", "div",
         "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "figure",
         "figcaption", "svg", "g", "path", "rect", "text", "tspan", "desc", "dl", "dt", "dd"}
IN_A_PARAGRAPH = {"b", "span", "code", "a"}
HOSTILE = "<script>alert(1)</script>\"'&amp;]]>--><!--\u202e</style><img src=x onerror=a>\u00e9\u0301"


def no_script(element):
    assert element.tag in KNOWN, f"<{element.tag}> has no place in a page"
    for name, value in element.attrib.items():
        assert not name.startswith("on") and name not in ("src", "srcset", "xlink:href"), name
        if name == "href":
            assert element.tag == "a" and re.match(r"https://|#\w", value), value
        assert "url(" not in value, value


def nested(element):
    """What an XML parser does not mind, and a browser would build otherwise."""
    inside = [child.tag for child in element.iter() if child is not element]
    if element.tag in ("p", "h1", "h2", "h3", "summary"):
        assert set(inside) <= IN_A_PARAGRAPH, f"<{element.tag}> with {inside}"
    if element.tag == "table":
        assert {c.tag for c in element} <= {"caption", "thead", "tbody"}, inside
    if element.tag == "tr":
        assert {c.tag for c in element} <= {"th", "td"}, inside
    if element.tag in VOID:
        assert not inside and not element.text, element.tag


def page_of(text):
    """Parses and checks it; returns the tree."""
    first, rest = text.split("\n", 1)
    assert first == "<!DOCTYPE html>", first
    tree = ElementTree.fromstring(rest)
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), ids
    for element in tree.iter():
        no_script(element)
        nested(element)
        for name in ("aria-labelledby", "aria-describedby"):
            for part in (element.get(name) or "").split():
                assert part in ids, f"{name}: {part}"
        if element.tag == "svg" and element.get("aria-hidden") != "true":
            assert element.get("role") == "img" and element.find("title") is not None
            assert element.find("desc") is not None
    style = tree.find("head/style").text
    assert not re.search(r"url\(|@import|expression|//", style), style
    assert tree.get("lang") and len(tree.findall(".//h1")) == 1 and tree.find("body/main") is not None
    # A tag that closes itself closes nothing in HTML.
    for name in re.findall(r"<(\w+)[^<>]*/>", rest):
        assert name in VOID | {"path", "rect"}, name
    return tree


def words(tree):
    return re.sub(r"\s+", " ", " ".join(tree.find("body").itertext()))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def normal(text):
    """Without the style, which is a file of its own, and the version."""
    text = re.sub(r"<style>.*</style>", "<style></style>", text, flags=re.S)
    return re.sub(r"by ktlsctl [\w.~+-]+\. This", "by ktlsctl X. This", text)


def every_root(t):
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/page.html"
        for name in t.ROOTS:
            answer = t.run("--root", t.root(name), "--json", "--html", path)
            t.equal(answer.err, "", name)
            report = answer.json()
            shown = words(page_of(read(path)))
            assert " ".join(report["headline"].split()) in shown, name
            for finding in report["findings"]:
                assert finding["id"] in shown, finding["id"]
                assert " ".join(finding["summary"].split()) in shown, finding["summary"]
        t.equal(os.stat(path).st_mode & 0o777, 0o644)
        t.equal(os.listdir(folder), ["page.html"])
        # The same answer as without, in the same format.
        for form in ("--json", "--ndjson", "--format=nagios", "--color=never"):
            with_page = t.run("--root", t.root("fips"), form, "--html", path)
            without = t.run("--root", t.root("fips"), form)
            duration = r'"duration_us":\s*\d+'
            t.equal(re.sub(duration, "", with_page.out), re.sub(duration, "", without.out), form)
            t.equal(with_page.status, without.status)
        t.run("--root", t.root("nginx"), "--only=use", "--html", path)
        t.golden("page", "html", normal(read(path)))


def parses_as_html(t):
    """By the standard's own algorithm, which builds the tree of a browser and says what it mended."""
    try:
        import html5lib
    except ImportError:
        return "no python3-html5lib"
    with tempfile.TemporaryDirectory() as folder:
        page = folder + "/page.html"
        report = write(folder + "/report", t.run("--root", t.root("edge-bad"), "--json", "--html",
                                                 page).out)
        pages = [read(page)]
        measured = [write(folder + "/bench", samples.bench()),
                    write(folder + "/latency", samples.latency())]
        for files in ([report, *measured], measured[:1], measured[1:]):
            t.equal(t.run("fleet", "html", page, *files).err, "")
            pages.append(read(page))
        for text in pages:
            parser = html5lib.HTMLParser()
            parser.parse(text)
            t.equal(parser.errors, [])
        broken = html5lib.HTMLParser()
        broken.parse(pages[0].replace("</section>", "</p>", 1))
        assert broken.errors
    return None


def hostile_names(t):
    with tempfile.TemporaryDirectory() as folder:
        root, page = folder + "/<b>root", folder + "/page.html"
        shutil.copytree(t.root("numa"), root, symlinks=True)
        with open(root + "/etc/os-release", "w") as f:
            f.write("NAME=x\nPRETTY_NAME=\"" + HOSTILE.replace('"', '\\"') + "\xc2\x9b\x1b[31m\"\n")
        snapshot = read(root + "/ktlsctl-snapshot.json")
        name = json.dumps(HOSTILE)[1:-1]
        assert '"eth0"' in snapshot, "the snapshot has no eth0"
        with open(root + "/ktlsctl-snapshot.json", "w") as f:
            f.write(snapshot.replace("\"eth0\"", f"\"{name}\""))
        answer = t.run("--root", root, "--html", page)
        assert answer.status in (0, 1), answer.err
        tree = page_of(read(page))
        shown = words(tree)
        t.equal([e for e in tree.iter() if e.tag in ("script", "img")], [])
        assert shown.count("<script>alert(1)</script>") >= 2, shown
        assert "\u202e" not in shown and "\\u{202e}" in shown


def probe(t):
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/page.html"
        answer = t.run("probe", "--kernel", "--json", "--html", path)
        t.equal(answer.err, "")
        document, shown = answer.json(), words(page_of(read(path)))
        t.equal(document["host"], os.uname().nodename)
        for word in [document["headline"], document["host"]] + [c["cipher"] for c in document["probe"]["cells"]]:
            assert word in shown, word


def bench(t):
    """Measured here, as far as that goes: each absent mode has its reason in the page."""
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/page.html"
        answer = t.run("bench", "--workload=bulk", "--size=16k", "--duration=500ms", "--json", "--html",
                       path)
        t.equal((answer.status, answer.err), (0, ""))
        shown = words(page_of(read(path)))
        document = answer.json()
        assert document["answer"] in shown, document["answer"]
        assert document["host"]["name"] in shown, document["host"]
        for result in document["groups"][0]["results"]:
            assert result["title"] in shown and " ".join(result["reason"].split()) in shown, result


def latency(t):
    from latency import again_and_again
    from request import Authority, Server
    with tempfile.TemporaryDirectory() as folder:
        authority, path = Authority(folder), folder + "/page.html"
        context = authority.sign("good", "IP:127.0.0.1")
        with Server(context, again_and_again) as s:
            answer = t.run("latency", "--json", "--count=20", "--cacert", authority.root, "--html", path,
                           s.url)
        t.equal(answer.err, "")
        document, shown = answer.json(), words(page_of(read(path)))
        assert document["answer"] in shown, document["answer"]
        t.equal(document["host"], os.uname().nodename)
        assert f"{document['host']} to {document['url']}" in shown, shown
        for stage in document["ways"][1]["stages"]:
            assert " ".join(stage["why"].split()) in shown, stage


def write(path, document):
    with open(path, "w") as f:
        f.write(document if isinstance(document, str) else json.dumps(document))
    return path


def side_by_side(t):
    with tempfile.TemporaryDirectory() as folder:
        page, files = folder + "/page.html", []
        for name in ("nginx", "edge-bad", "debian13-6.12"):
            files.append(write(f"{folder}/{name}.json", t.run("--root", t.root(name), "--json").out))
        facts = t.run("export", "--root", t.root("tuned"), "--format=ansible").out
        files.append(write(folder + "/tuned.json", facts))
        for name, factor in (("nginx", 1), ("third", 1.5)):
            document = samples.bench(factor)
            # Whose it is says the document; where it does not, the file.
            document["host"].update({} if name == "nginx" else {"name": "other"})
            t.valid(document)
            files.append(write(f"{folder}/{name}.bench.json", document))
        t.valid(samples.latency())
        files.append(write(folder + "/nginx.latency.json", samples.latency()))
        answer = t.run("fleet", "html", page, *files)
        t.equal((answer.status, answer.err), (0, ""))
        t.equal(answer.out, f"Wrote {page}: 5 hosts.\n")
        tree = page_of(read(page))
        hosts = [e.text for e in tree.find(".//table/thead/tr") if e.get("class") == "host"]
        t.equal(hosts, ["nginx", "edge-bad", "debian13-6.12", "tuned", "other"])
        shown = words(tree)
        for text in ("5 hosts side by side: ", "nginx-option-unset", "kTLS in % of OpenSSL", "no document",
                     samples.NIC, "kTLS sends 21 % faster", "kTLS takes 9.8 µs",
                     "this NIC has no clock of its own", "wake-up to receive call",
                     "≥ 3.10 GB/s measured over AF_ALG", "– the module algif_aead is not loaded",
                     "≈ 3.60 GB/s derived"):
            assert text in shown, text
        # The second number of a chart's table is that of the document.
        throughput = samples.bench(1.5)["groups"][3]["results"][1]["figures"][0]["value"]
        assert f"{throughput / 1e9:.2f}" in shown, throughput
        document = t.run("fleet", "html", page, files[0], "--json")
        t.equal((document.status, document.json()["path"]), (0, page))
        t.valid(document.json())


def seeds(t):
    """What the fuzzer begins with has to be read, or it would try nothing but the reader."""
    folder = "tests/fuzz/corpus/page"
    for name in os.listdir(folder):
        with tempfile.TemporaryDirectory() as made:
            answer = t.run("fleet", "html", made + "/page.html", f"{folder}/{name}")
        t.equal(answer.status, 2 if name == "cut" else 0, name + ": " + answer.err)


def hostile_documents(t):
    """Every string of every document says something else, and stays text."""
    def spoil(value, key=""):
        if isinstance(value, dict):
            return {k: spoil(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [spoil(v, key) for v in value]
        words_of_fields = ("schema", "status", "verdict", "kind", "source", "change", "level", "time",
                           "answer")
        names = ("mode", "workload", "direction", "tls", "suite", "id", "check", "name", "unit")
        if not isinstance(value, str) or key in words_of_fields:
            return value
        return value + HOSTILE if key in names else HOSTILE

    with tempfile.TemporaryDirectory() as folder:
        page = folder + "/page.html"
        documents = [t.run("--root", t.root("edge-bad"), "--json").out,
                     t.run("export", "--root", t.root("edge-bad"), "--format=ansible").out,
                     t.run("probe", "--kernel", "--json").out, json.dumps(samples.bench()),
                     json.dumps(samples.latency())]
        files = [write(f"{folder}/{i}'<b>.json", spoil(json.loads(d)))
                 for i, d in enumerate(documents)]
        answer = t.run("fleet", "html", page, *files)
        t.equal((answer.status, answer.err), (0, ""))
        tree = page_of(read(page))
        assert words(tree).count("<script>alert(1)</script>") > 200


def side_by_side_wrong(t):
    with tempfile.TemporaryDirectory() as folder:
        page = write(folder + "/page.html", "<!DOCTYPE html>\nold")
        good = write(folder + "/good.json", t.run("--root", t.root("fips"), "--json").out)
        rollup = write(folder + "/rollup", t.run("--root", t.root("fips"), "--ndjson").out)
        cut = write(folder + "/cut", read(good)[:-30])
        empty = write(folder + "/empty", "\n")
        second = write(folder + "/second", read(good) + "\n\n{\"schema\":\"ktlsctl.report/2\"}\n")
        report = json.loads(read(good))
        many = write(folder + "/many", "".join(json.dumps(
            {**report, "host": {**report["host"], "name": f"h{i}"}}) + "\n" for i in range(25)))
        lines = read(good).count("\n")
        for args, said in (([page], "which page"), ([page, folder + "/none"], "none: No such file"),
                           ([page, rollup], "rollup/1"), ([page, cut], "cut:1: it is not JSON"),
                           ([page, empty], "nothing in it"), ([page, folder], "directory"),
                           ([good, good], "is a document"), ([folder, good], "cannot be written"),
                           ([folder + "/no/page", good], "cannot be written"),
                           ([page, many], "many:25: there are more hosts"),
                           ([page, good, second], f"second:{lines + 3}: a document of the schema")):
            answer = t.run("fleet", "html", *args)
            t.equal((answer.status, answer.out, answer.err.count("\n")), (2, "", 1), said)
            assert said in answer.err, answer.err
            t.valid(t.run("fleet", "html", "--json", *args).json())
            t.equal(read(page), "<!DOCTYPE html>\nold")


def wrong(t):
    with tempfile.TemporaryDirectory() as folder:
        old = folder + "/old.html"
        with open(old, "w") as f:
            f.write("old")
        base = ["--root", t.root("fips"), "--json"]
        for more in (["--html", folder], ["--html", folder + "/no/page"], ["--html="],
                     ["--html", old, "--output", old]):
            answer = t.run(*base, *more)
            t.equal((answer.status, answer.err.count("\n")), (2, 1), str(more))
            t.valid(answer.json())
            assert "--html" in answer.err, answer.err
        answer = t.run(*base, "--html", "/proc/page")
        t.equal((answer.status, answer.err.count("\n")), (2, 1), answer.err)
        # No room: the old page stays, the answer is not lost.
        answer = t.run("--root", t.root("fips"), "--json", "--html", old,
                       prefix=("sh", "-c", "ulimit -f 1; trap '' XFSZ; exec \"$@\"", "sh"))
        t.equal((answer.status, answer.err.count("\n")), (2, 1), answer.err)
        t.valid(answer.json())
        t.equal((read(old), os.listdir(folder)), ("old", ["old.html"]))
        t.equal(t.run("--root", t.root("fips"), "--html=/dev/null", "--output=/dev/null").status, 0)


# How people without one of the three kinds of cones see linear RGB (Machado, Oliveira, Fernandes
# 2009, severity 1).
VISION = [
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
     [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
     [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
     [0.004733, 0.691367, 0.303900]]]


def linear(color):
    parts = [int(color[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def luminance(color):
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def seen(color, vision):
    """CIE L*a*b* of what is seen."""
    red, green, blue = (min(1, max(0, sum(m * c for m, c in zip(row, linear(color)))))
                        for row in vision)
    xyz = [(0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
           0.2126 * red + 0.7152 * green + 0.0722 * blue,
           (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089]
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def colors(t):
    """Text and series against what they stand on (WCAG AA), for screen and paper."""
    schemes = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
               for block in re.findall(r":root \{([^}]*)\}", read("lib/out/page.css"))]
    t.equal(len(schemes), 3, "light, dark, print")
    for scheme in schemes:
        t.equal(sorted(scheme), sorted(schemes[0]))
        for ground in ("page", "card"):
            for name in ("text", "soft", "link", "ok", "info", "warn", "fail", "unknown", "skip"):
                ratio = contrast(scheme[name], scheme[ground])
                assert ratio >= 4.5, f"{name} on {ground}: {ratio:.2f}"
            for name in (n for n in scheme if re.match(r"s\d$", n)):
                assert contrast(scheme[name], scheme[ground]) >= 3, f"{name} on {ground}"
        assert contrast(scheme["text"], scheme["code"]) >= 4.5
        series = [scheme[f"s{i}"] for i in range(1, 9)]
        for vision in VISION:
            for a, b in itertools.combinations(series, 2):
                apart = math.dist(seen(a, vision), seen(b, vision))
                assert apart >= 12, f"{a} and {b}: {apart:.1f}"


def tests(t):
    for name, function in (("every-root", every_root), ("parses-as-html", parses_as_html), ("hostile-names", hostile_names),
                           ("probe", probe), ("wrong", wrong), ("bench", bench), ("latency", latency),
                           ("side-by-side", side_by_side), ("seeds", seeds), ("hostile-documents", hostile_documents),
                           ("side-by-side-wrong", side_by_side_wrong), ("colors", colors)):
        t.test("pages/" + name)(lambda f=function: f(t))
