"""Compares two sets of arrays, tensor by tensor.

    compare.py ACTUAL EXPECTED [--tolerance X] [--from PREFIX] [--names FILE]
               [--subset]

Each set is an .npz file, one .npy file, or a folder: all its .npy files, each
named by its path, and members of its .npz files. '/' and ':' count as '_' in names,
as `trellis run --out` writes them. Of EXPECTED, --from takes the members whose
names begin with PREFIX, and drops it: --from step10/ for the variables after ten
steps. Lines `EXPECTED_NAME ACTUAL_NAME` of --names say where names differ: --from
gradient/ --names gradients.txt.

The error of a float or complex tensor is its greatest absolute difference divided
by the greatest absolute value expected. It must not exceed the tolerance: 1e-12
where float64 or complex128 is expected, else 1e-5, or --tolerance for all. NaN
equals NaN, an infinity itself. All other tensors must be equal. Data types, shapes
and names must agree; --subset allows further arrays in EXPECTED.

Prints a table, the worst error first. Exit status: 0 all agree, 1 not, 2 bad usage
or nothing to compare. Needs numpy only.
"""

import argparse
import os
import re
import sys

import numpy as np


def key(name):
    return re.sub("[/:]", "_", name)


def read_names(path):
    """{name: other name} of a file of such pairs."""
    with open(path) as f:
        return dict(line.split() for line in f)


def read(path, prefix="", names={}):
    """{key: array} of an .npz, an .npy or a folder of these."""
    if os.path.isdir(path):
        files = [
            os.path.relpath(os.path.join(folder, name), path)
            for folder, _, names in os.walk(path)
            for name in names
            if name.endswith((".npy", ".npz"))
        ]
    else:
        path, name = os.path.split(path)
        files = [name]
    arrays = {}
    for name in sorted(files):
        found = np.load(os.path.join(path, name))
        members = dict(found) if name.endswith(".npz") else {name[:-4]: found}
        for member, array in members.items():
            if not member.startswith(prefix):
                continue
            member = member[len(prefix) :]
            member = key(names.get(member, member))
            if member in arrays:
                raise ValueError("%s: two arrays are named %s" % (path, member))
            arrays[member] = array
    return arrays


def error(actual, expected):
    """(greatest absolute difference, that relative to the greatest value)."""
    if expected.dtype.kind not in "fc":
        same = np.array_equal(actual, expected)
        return (0.0, 0.0) if same else (np.inf, np.inf)
    wide = np.clongdouble if expected.dtype.kind == "c" else np.longdouble
    a, e = actual.astype(wide), expected.astype(wide)
    same = (a == e) | (np.isnan(a) & np.isnan(e))
    with np.errstate(invalid="ignore"):
        difference = np.where(same, 0, np.abs(a - e))
    difference = np.where(np.isnan(difference), np.inf, difference)
    absolute = difference.max(initial=0)
    greatest = np.abs(e[np.isfinite(e)]).max(initial=0)
    if absolute == 0:
        return 0.0, 0.0
    return float(absolute), float(absolute / greatest) if greatest else np.inf


def tolerance(dtype):
    return 1e-12 if dtype in (np.float64, np.complex128) else 1e-5


def compare(actual, expected, fixed_tolerance, subset):
    """[(relative error, ok, line)] for every name of either set."""
    rows = []
    for name in sorted(set(actual) | set(expected)):
        a, e = actual.get(name), expected.get(name)
        if e is None:
            rows.append((np.inf, False, name + ": not expected"))
        elif a is None:
            if not subset:
                rows.append((np.inf, False, name + ": missing"))
        elif (a.dtype, a.shape) != (e.dtype, e.shape):
            what = "%s: %s %s, expected %s %s"
            what %= (name, a.dtype, a.shape, e.dtype, e.shape)
            rows.append((np.inf, False, what))
        else:
            absolute, relative = error(a, e)
            allowed = fixed_tolerance
            if allowed is None:
                allowed = tolerance(e.dtype)
            line = "%-48s %-8s %-12s %9.2e %9.2e" % (
                name,
                e.dtype,
                "x".join(map(str, e.shape)),
                absolute,
                relative,
            )
            rows.append((relative, relative <= allowed, line))
    return rows


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("actual")
    parser.add_argument("expected")
    parser.add_argument("--tolerance", type=float)
    parser.add_argument("--from", dest="prefix", default="")
    parser.add_argument("--names")
    parser.add_argument("--subset", action="store_true")
    args = parser.parse_args()

    try:
        actual = read(args.actual)
        names = read_names(args.names) if args.names else {}
        expected = read(args.expected, args.prefix, names)
    except (OSError, ValueError) as e:
        parser.error(str(e))
    rows = compare(actual, expected, args.tolerance, args.subset)
    if not rows:
        print("nothing to compare", file=sys.stderr)
        return 2
    rows.sort(key=lambda row: (row[1], -row[0], row[2]))
    print(
        "      %-48s %-8s %-12s %9s %9s" % ("name", "dtype", "shape", "abs", "rel")
    )
    for _, ok, line in rows:
        print("ok   " if ok else "WRONG", line)
    wrong = sum(not ok for _, ok, _ in rows)
    print("%d compared, %d wrong" % (len(rows), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
