#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a build is made of, as SPDX 2.3: sbom.py BUILD. Run by `make sbom`.

The libraries are those that the built files name themselves; one that is not known here
is an error, so that none is left out. Versions are those of pkg-config, and of dpkg where
it has the library. The same build gives the same document (SOURCE_DATE_EPOCH).
"""
import argparse
import datetime
import glob
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.parse
import uuid

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PRODUCTS = ("ktlsctl", "libktls.so.0", "libktls.a")
SOURCES = ("cmd/*.[ch]", "lib/*/*.[ch]", "checks/*.[ch]", "checks/*/*.c", "profiles/*.profile",
           "lib/tls/libktls.map", "lib/tls/ktls.pc.in", "Makefile")
# soname without its number: pkg-config's name, licence of the library.
LIBRARIES = {
    "libcrypto": ("libcrypto", "Apache-2.0"),
    "libssl": ("libssl", "Apache-2.0"),
    "libnl-3": ("libnl-3.0", "LGPL-2.1-only"),
    "libnl-genl-3": ("libnl-genl-3.0", "LGPL-2.1-only"),
    "libmnl": ("libmnl", "LGPL-2.1-or-later"),
    "libcap-ng": ("libcap-ng", "LGPL-2.1-or-later"),
    "libcjson": ("libcjson", "MIT"),
    "libz": ("zlib", "Zlib"),
    "libelf": ("libelf", "GPL-2.0-or-later OR LGPL-3.0-or-later"),
    "libcap-ng": ("libcap-ng", "LGPL-2.1-or-later"),
    "libinih": ("inih", "BSD-3-Clause"),
    "libkmod": ("libkmod", "LGPL-2.1-or-later"),
    "liburing": ("liburing", "LGPL-2.1-or-later OR MIT"),
    "libllhttp": ("libllhttp", "MIT"),
    "libhttp_parser": (None, "MIT"),
    "libwslay": (None, "MIT"),
    "libc": (None, "LGPL-2.1-or-later"),
    "libm": (None, "LGPL-2.1-or-later"),
}
# Those without a file of pkg-config: what their headers say.
MACROS = {
    "libhttp_parser": ("http_parser.h", ("HTTP_PARSER_VERSION_MAJOR", "HTTP_PARSER_VERSION_MINOR",
                                         "HTTP_PARSER_VERSION_PATCH")),
    "libwslay": ("wslay/wslay.h", ("WSLAY_VERSION",)),
    "libc": ("features.h", ("__GLIBC__", "__GLIBC_MINOR__")),
    "libm": ("features.h", ("__GLIBC__", "__GLIBC_MINOR__")),
}


def output(*command, **kwargs):
    return subprocess.run(command, capture_output=True, text=True, check=True, **kwargs).stdout


def compiler():
    return shlex.split(os.environ.get("CC", "cc"))


def needed(path):
    return re.findall(r"\(NEEDED\).*\[(.+)\]", output("readelf", "-dW", path))


def version(stem, url):
    module = LIBRARIES[stem][0]
    if module:
        return output(*shlex.split(os.environ.get("PKG_CONFIG", "pkg-config")),
                      "--modversion", module).strip()
    if url:  # without epoch and revision; some headers tell a version that was never theirs
        number = urllib.parse.unquote(re.search("@([^?]+)", url)[1])
        return re.sub(r"-[^-]*$", "", number.rpartition(":")[2])
    header, names = MACROS[stem]
    text = output(*compiler(), "-E", "-dM", "-include", header, "-x", "c", "/dev/null")
    return ".".join(re.search(rf'^#define {n} "?([^"\n]+)', text, re.M)[1] for n in names)


def debian(file):
    """The Debian package of a library, as a package URL; None where dpkg has none."""
    path = output(*compiler(), "-print-file-name=" + file).strip()
    if not shutil.which("dpkg-query") or not os.path.isabs(path):
        return None
    path = os.path.realpath(path)
    # The package may name the file by the place it had before all moved to /usr.
    for name in (path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True, check=False)
        if not found.returncode:
            package = found.stdout.split(": ")[0].split(",")[0]
            return "pkg:deb/debian/" + output(
                "dpkg-query", "-W", "-f", "${Package}@${Version}?arch=${Architecture}", package
            ).replace("+", "%2B").replace("~", "%7E").replace(":", "%3A")
    return None


def checksums(path):
    with open(path, "rb") as f:
        data = f.read()
    return [{"algorithm": name.upper(), "checksumValue": hashlib.new(name, data).hexdigest()}
            for name in ("sha1", "sha256")]


def file(name, path, kind):
    with open(path, "rb") as f:
        said = re.search(rb"SPDX-License-Identifier: (\S+)", f.read(400))
    licence = said[1].decode() if said and kind == "SOURCE" else "MIT"
    return {"fileName": "./" + name, "SPDXID": "SPDXRef-File-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
            "fileTypes": [kind], "checksums": checksums(path), "licenseConcluded": licence,
            "licenseInfoInFiles": [licence], "copyrightText": "2026 The ktlsctl authors"}


def package(name, number, files):
    """One of ours, with the files it is made of."""
    sums = sorted(f["checksums"][0]["checksumValue"] for f in files)
    return {"name": name, "SPDXID": "SPDXRef-Package-" + name, "versionInfo": number,
            "supplier": "Organization: The ktlsctl authors", "downloadLocation": "NOASSERTION",
            "filesAnalyzed": True, "hasFiles": [f["SPDXID"] for f in files],
            "packageVerificationCode": {
                "packageVerificationCodeValue": hashlib.sha1("".join(sums).encode()).hexdigest()},
            "licenseInfoFromFiles": sorted({f["licenseConcluded"] for f in files}),
            "licenseConcluded": "MIT", "licenseDeclared": "MIT",
            "copyrightText": "2026 The ktlsctl authors"}


def library(file_name):
    """One that we are linked with; file_name: libssl.so.3, libhttp_parser.a."""
    stem = re.sub(r"\.(so(\..*)?|a)$", "", file_name)
    if stem not in LIBRARIES:
        sys.exit(f"sbom.py: {file_name} is not in its table of libraries")
    url = debian(file_name)
    known = {"name": stem, "SPDXID": "SPDXRef-Package-" + stem.replace("_", "-"),
             "versionInfo": version(stem, url), "supplier": "NOASSERTION",
             "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
             "licenseConcluded": "NOASSERTION", "licenseDeclared": LIBRARIES[stem][1],
             "copyrightText": "NOASSERTION"}
    if url:
        known["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                  "referenceLocator": url}]
    return known


def relation(a, kind, b):
    return {"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b}


def links(products, build, static):
    """(libraries, relations): what each built file is linked with."""
    libraries, relations = {}, []
    for f in products:
        name = f["fileName"].removeprefix("./")
        found = [] if name.endswith(".a") else needed(os.path.join(build, name))
        kinds = [(n, "DYNAMIC_LINK") for n in found if not n.startswith("ld-")]
        if name == "ktlsctl" and static:
            kinds.append((static, "STATIC_LINK"))
        for wanted, kind in kinds:
            if wanted not in libraries:
                libraries[wanted] = library(wanted)
            relations.append(relation(f["SPDXID"], kind, libraries[wanted]["SPDXID"]))
    return [libraries[n] for n in sorted(libraries)], relations


def document(build, static):
    number = os.environ["VERSION"]
    products = [file(n, os.path.join(build, n), "BINARY") for n in PRODUCTS]
    names = sorted({os.path.relpath(p, TOP) for s in SOURCES for p in glob.glob(os.path.join(TOP, s))})
    sources = [file(n, os.path.join(TOP, n), "SOURCE") for n in names]
    ours = [package("ktlsctl", number, products), package("ktlsctl-source", number, sources)]
    libraries, relations = links(products, build, static)
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES", ours[0]["SPDXID"]),
                 relation(ours[0]["SPDXID"], "GENERATED_FROM", ours[1]["SPDXID"]),
                 relation("SPDXRef-File-ktlsctl", "STATIC_LINK", "SPDXRef-File-libktls.a"),
                 *relations]
    made = datetime.datetime.fromtimestamp(
        int(os.environ.get("SOURCE_DATE_EPOCH") or datetime.datetime.now().timestamp()),
        datetime.timezone.utc)
    out = {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
           "name": "ktlsctl-" + number,
           "creationInfo": {"created": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
                            "creators": [f"Tool: ktlsctl-sbom-{number}"]},
           "packages": ours + libraries, "files": products + sources, "relationships": relations}
    # Another content is another document.
    mark = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(out, sort_keys=True))
    return {**out, "documentNamespace": f"urn:uuid:{mark}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("build")
    parser.add_argument("--http-parser", default="", help="how it was linked: -l:libhttp_parser.a")
    args = parser.parse_args()
    json.dump(document(args.build, args.http_parser.partition("-l:")[2]), sys.stdout, indent=1)
    print()


main()
