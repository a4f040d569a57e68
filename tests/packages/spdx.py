#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""spdx.py FILE BUILD: what SPDX 2.3 demands of a document, as far as ours goes, and whether
it is true: every checksum, every library that the built files name."""
import hashlib
import json
import os
import re
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
ID = r"SPDXRef-[A-Za-z0-9.-]+"
LICENCES = {"MIT", "Apache-2.0", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-or-later",
            "GPL-2.0-or-later", "Zlib", "BSD-3-Clause", "NOASSERTION"}
# Clauses 6, 7, 8 and 11: what has to be there, and how it looks.
DOCUMENT = {"spdxVersion": "SPDX-2\\.3", "dataLicense": "CC0-1\\.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": ".+", "documentNamespace": r"[a-z][a-z0-9+.-]*:[^#\s]+"}
PACKAGE = {"name": ".+", "SPDXID": ID, "versionInfo": r"\d.*", "downloadLocation": "NOASSERTION",
           "supplier": "NOASSERTION|Organization: .+", "licenseConcluded": ".+",
           "licenseDeclared": ".+", "copyrightText": ".+"}
FILE = {"fileName": r"\./.+", "SPDXID": ID, "licenseConcluded": ".+", "copyrightText": ".+"}
RELATION = {"spdxElementId": ID, "relatedSpdxElement": ID,
            "relationshipType": "DESCRIBES|GENERATED_FROM|STATIC_LINK|DYNAMIC_LINK"}
problems = []


def expect(true, what):
    if not true:
        problems.append(what)


def fields(thing, wanted, where):
    for name, pattern in wanted.items():
        expect(re.fullmatch(pattern, str(thing.get(name, ""))), f"{where}: {name} is {thing.get(name)!r}")


def licence(text, where):
    for name in re.split(r" OR | AND ", text):
        expect(name in LICENCES, f"{where}: {name} is no licence of SPDX that is known here")


def packages(doc, files):
    for p in doc["packages"]:
        fields(p, PACKAGE, p.get("name"))
        licence(p["licenseDeclared"], p["name"])
        licence(p["licenseConcluded"], p["name"])
        expect(p["filesAnalyzed"] == ("packageVerificationCode" in p), f"{p['name']}: filesAnalyzed")
        for ref in p.get("externalRefs", []):
            expect(ref["referenceCategory"] == "PACKAGE-MANAGER" and ref["referenceType"] == "purl" and
                   re.fullmatch(r"pkg:deb/debian/[a-z0-9.-]+@[\w.%-]+\?arch=\w+", ref["referenceLocator"]),
                   f"{p['name']}: {ref}")
        if p["filesAnalyzed"]:
            sums = sorted(files[i]["checksums"][0]["checksumValue"] for i in p["hasFiles"])
            expect(p["packageVerificationCode"]["packageVerificationCodeValue"] ==
                   hashlib.sha1("".join(sums).encode()).hexdigest(), f"{p['name']}: verification code")


def sums(doc, build):
    for f in doc["files"]:
        fields(f, FILE, f.get("fileName"))
        for name in [f["licenseConcluded"], *f["licenseInfoInFiles"]]:
            licence(name, f["fileName"])
        path = os.path.join(build if f["fileTypes"] == ["BINARY"] else TOP, f["fileName"])
        with open(path, "rb") as source:
            data = source.read()
        expect([c["algorithm"] for c in f["checksums"]] == ["SHA1", "SHA256"], f"{path}: no SHA1 first")
        for c in f["checksums"]:
            expect(c["checksumValue"] == hashlib.new(c["algorithm"].lower(), data).hexdigest(),
                   f"{path}: {c['algorithm']}")


def links(doc, build):
    """objdump is another witness than readelf, which the document comes from."""
    names = {p["SPDXID"]: p["name"] for p in doc["packages"]}
    for name in ("ktlsctl", "libktls.so.0"):
        told = {names[r["relatedSpdxElement"]] for r in doc["relationships"]
                if r["spdxElementId"] == "SPDXRef-File-" + name and r["relationshipType"] == "DYNAMIC_LINK"}
        out = subprocess.run(["objdump", "-p", os.path.join(build, name)], capture_output=True, text=True,
                             check=True).stdout
        wanted = {n.partition(".so")[0] for n in re.findall(r"NEEDED +(\S+)", out)} - {"ld-linux-x86-64"}
        expect(told == wanted and told, f"{name}: {told} is not {wanted}")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        doc = json.load(f)
    build = sys.argv[2]
    fields(doc, DOCUMENT, "document")
    expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", doc["creationInfo"]["created"]), "created")
    expect(all(re.match("(Tool|Person|Organization): .", c) for c in doc["creationInfo"]["creators"]), "creators")
    ids = [doc["SPDXID"], *[x["SPDXID"] for x in doc["packages"] + doc["files"]]]
    expect(len(ids) == len(set(ids)), "an identifier stands twice")
    files = {f["SPDXID"]: f for f in doc["files"]}
    packages(doc, files)
    sums(doc, build)
    for r in doc["relationships"]:
        fields(r, RELATION, "relationship")
        expect({r["spdxElementId"], r["relatedSpdxElement"]} <= set(ids), f"nothing of that name: {r}")
    expect(any(r["relationshipType"] == "DESCRIBES" for r in doc["relationships"]), "it describes nothing")
    links(doc, build)
    print("\n".join(problems) or f"{len(doc['packages'])} packages, {len(files)} files")
    sys.exit(1 if problems else 0)


main()
