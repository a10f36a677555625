"""The project's own C++ rules: include prefix, warnings and test data set once."""

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wno-unused-parameter",
    "-Wno-missing-field-initializers",
    # Comparing a size with an index is everywhere and never the bug.
    "-Wno-sign-compare",
    # gcc 12 reports std::optional<enum> that is only read after has_value().
    "-Wno-maybe-uninitialized",
    # And reads past the end of absl::InlinedVector that its branches rule out.
    "-Wno-array-bounds",
    "-Werror",
]

def _precompiled(name):
    return ["-include", "tools/build_defs/precompiled/{}.h".format(name), "-Winvalid-pch"]

# No program here looks at floating-point exception flags, and no result depends on
# -fno-trapping-math; without it gcc does not vectorize selections.
KERNEL_COPTS = ["-O3", "-fno-trapping-math"]

def trellis_cc_library(name, copts = [], deps = [], prelude = "prelude", **kwargs):
    """A cc_library whose headers are included as "trellis/<package>/<header>"."""
    package = native.package_name()
    native.cc_library(
        name = name,
        copts = _WARNINGS + _precompiled(prelude) + copts,
        deps = deps + ["//tools/build_defs:" + prelude],
        include_prefix = "trellis/" + package if package else "trellis",
        **kwargs
    )

def trellis_kernel_library(name, copts = [], **kwargs):
    """A trellis_cc_library of arithmetic loops, compiled to be vectorized."""
    trellis_cc_library(
        name = name,
        copts = KERNEL_COPTS + copts,
        prelude = "kernel_prelude",
        **kwargs
    )

def trellis_cc_binary(name, copts = [], deps = [], **kwargs):
    native.cc_binary(
        name = name,
        copts = _WARNINGS + _precompiled("prelude") + copts,
        deps = deps + ["//tools/build_defs:prelude"],
        **kwargs
    )

def trellis_cc_test(name, copts = [], deps = [], size = "small", **kwargs):
    """A GoogleTest; finds test data through the variable TRELLIS_TEST_DATA."""
    native.cc_test(
        name = name,
        size = size,
        copts = _WARNINGS + _precompiled("test_prelude") + copts,
        deps = deps + [
            "//tools/build_defs:test_prelude",
            "@com_google_googletest//:gtest_main",
        ],
        **kwargs
    )
