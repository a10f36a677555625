#!/usr/bin/python3
"""Checks the #include lines of the tree against who may include whom.

    check_includes.py ROOT

Prints each violation as "file:line: why" and exits with 1 if there are any, or if it
saw suspiciously few files.
"""
import pathlib
import re
import sys

# What each room may include of the others; itself always.
ROOMS = {
    "base": [],
    "proto": ["base"],
    "graph": ["base", "proto"],
    "io": ["base", "proto", "graph"],
    "ops": ["base", "graph"],
    "runtime/kernel": ["base", "graph"],
    "runtime": ["base", "graph", "io", "runtime/kernel"],
    # The kernels of SaveV2 and RestoreV2 are files' business by nature.
    "kernels": ["base", "graph", "io", "runtime/kernel"],
    "nn": ["base", "graph", "ops", "runtime", "data", "trellis.h"],
    "models": ["base", "graph", "ops", "runtime", "nn", "trellis.h"],
    "data": ["base", "io"],
}

# Protobuf stays out of everything but converters.
PROTOBUF = re.compile(r"^(proto/.*|io/.*|graph/.*proto.*|graph/graph_def.*|"
                      r"graph/meta_graph.*|graph/function_library.*|tests/.*)$")

INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"')


def room_of(path):
    """The longest room that the path lies in, or None."""
    rooms = [room for room in ROOMS if path.startswith(room + "/")]
    return max(rooms, key=len) if rooms else None


def check_line(path, included):
    """Why the file may not include that, or None."""
    if included.endswith(".pb.h") and not PROTOBUF.match(path):
        return f"includes {included}: protobuf is for converters only"
    room = room_of(path)
    if not included.startswith("trellis/") or room is None:
        return None
    target = included[len("trellis/"):]
    if target.startswith("proto/") and PROTOBUF.match(path):
        return None
    other = room_of(target) or target
    if other == room or other in ROOMS[room]:
        return None
    return f"{room}/ may not include {included}"


def main():
    root = pathlib.Path(sys.argv[1])
    files = [path for pattern in ("*.h", "*.cc") for path in root.rglob(pattern)
             if not path.relative_to(root).parts[0].startswith(("_", "bazel", "."))]
    violations = []
    for path in sorted(files):
        name = path.relative_to(root).as_posix()
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            why = check_line(name, match.group(1)) if match else None
            if why:
                violations.append(f"{name}:{number}: {why}")
    print("\n".join(violations))
    if len(files) < 100:
        print(f"only {len(files)} files seen below {root}")
        return 1
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
