#!/usr/bin/env python3
"""Makes tf_fields.txt, the table that fields_test compares our messages with.

  tests/proto/make_tf_fields.py tf_protos.json > tests/proto/tf_fields.txt

tf_protos.json is the reference table of TensorFlow's messages: what the compiled
descriptors of its releases from 0.12 to 2.21 say.
"""

import json
import sys

HEADER = """\
# TensorFlow's messages and enums, made by make_tf_fields.py.
#   message NAME, then for each field: NUMBER NAME TYPE LABEL [ONEOF]
#   enum NAME, then for each value: NAME NUMBER
# LABEL is packed for repeated fields that are written so."""


def short(name):
    return name.replace("tensorflow.", "").replace(", ", ",")


def field_line(field):
    label = "packed" if field.get("packed") else field["label"]
    words = [str(field["number"]), field["name"], short(field["type"]), label]
    if field["oneof"]:
        words.append(field["oneof"])
    return " ".join(words)


def main(path):
    with open(path, encoding="utf-8") as f:
        table = json.load(f)
    print(HEADER)
    for name, fields in sorted(table["messages"].items()):
        print("message", short(name))
        for field in sorted(fields, key=lambda f: f["number"]):
            print(field_line(field))
    for name, values in sorted(table["enums"].items()):
        print("enum", short(name))
        for value, number in sorted(values.items(), key=lambda v: v[1]):
            print(value, number)


if __name__ == "__main__":
    main(sys.argv[1])
