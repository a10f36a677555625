"""trellis_op_wrappers: the C++ functions of a family of ops."""

load("//tools/build_defs:cc.bzl", "trellis_cc_library")

_GENERATOR = "//tools/gen_ops"

def trellis_op_wrappers(family):
    """Declares FAMILY_wrappers with the header FAMILY_ops.h, written by tools/gen_ops.

    Args:
      family: a name of the list in ops/all.cc.
    """
    header = family + "_ops.h"
    source = family + "_ops.cc"
    native.genrule(
        name = family + "_wrappers_text",
        # Not `tools`: that would compile graph/ and ops/ a second time.
        srcs = [_GENERATOR],
        outs = [header, source],
        cmd = "; ".join([
            "set -e",
            "$(location {}) header {} > $(location {})".format(_GENERATOR, family, header),
            "$(location {}) source {} > $(location {})".format(_GENERATOR, family, source),
        ]),
        visibility = ["//visibility:private"],
    )
    trellis_cc_library(
        name = family + "_wrappers",
        srcs = [source],
        hdrs = [header],
        deps = [
            "//graph",
            "//graph:scope",
        ],
    )
