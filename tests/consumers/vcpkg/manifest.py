"""Checks a vcpkg.json by the rules of vcpkg's schema that concern a port such as ours.

    python3 manifest.py VCPKG_JSON VERSION
"""
import json
import re
import sys

IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FIELDS = {"name", "version", "port-version", "description", "homepage", "documentation", "license",
          "supports", "dependencies", "default-features", "features", "maintainers"}
DEPENDENCY = {"name", "host", "default-features", "features", "platform", "version>="}
FEATURE = {"description", "dependencies", "supports", "license"}


def check(what, holds):
    if not holds:
        sys.exit(f"{sys.argv[1]}: {what}")


def check_fields(where, value, allowed, required):
    check(f"{where}: unknown {set(value) - allowed}", set(value) <= allowed)
    check(f"{where}: lacks {required - set(value)}", required <= set(value))


def check_dependencies(where, dependencies):
    names = []
    for dependency in dependencies:
        if isinstance(dependency, str):
            dependency = {"name": dependency}
        check_fields(where, dependency, DEPENDENCY, {"name"})
        check(f"{where}: bad name {dependency['name']}", IDENTIFIER.fullmatch(dependency["name"]))
        for flag in "host", "default-features":
            check(f"{where}: {flag}", isinstance(dependency.get(flag, True), bool))
        names.append(dependency["name"])
    check(f"{where}: not in alphabetical order", names == sorted(names))


port = json.load(open(sys.argv[1], encoding="utf-8"))
check_fields("port", port, FIELDS, {"name", "version", "description", "license"})
check("bad name", IDENTIFIER.fullmatch(port["name"]))
check(f"version {port['version']}, not that of the header", port["version"] == sys.argv[2])
check_dependencies("dependencies", port["dependencies"])
for name, feature in port["features"].items():
    check(f"bad feature {name}", IDENTIFIER.fullmatch(name) and name not in ("core", "default"))
    check_fields(name, feature, FEATURE, {"description"})
    check_dependencies(name, feature.get("dependencies", []))
for name in port["default-features"]:
    check(f"unknown default feature {name}", name in port["features"])
