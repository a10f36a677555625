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
    "-Werror",
]

def trellis_cc_library(name, copts = [], **kwargs):
    """A cc_library whose headers are included as "trellis/<package>/<header>"."""
    package = native.package_name()
    native.cc_library(
        name = name,
        copts = _WARNINGS + copts,
        include_prefix = "trellis/" + package if package else "trellis",
        **kwargs
    )

def trellis_kernel_library(name, copts = [], **kwargs):
    """A trellis_cc_library of arithmetic loops, compiled to be vectorized.

    No program here looks at floating-point exception flags, and no result depends on
    -fno-trapping-math; without it gcc does not vectorize selections.
    """
    trellis_cc_library(
        name = name,
        copts = ["-O3", "-fno-trapping-math"] + copts,
        **kwargs
    )

def trellis_cc_binary(name, copts = [], **kwargs):
    native.cc_binary(name = name, copts = _WARNINGS + copts, **kwargs)

def trellis_cc_test(name, copts = [], deps = [], size = "small", **kwargs):
    """A GoogleTest; finds test data through the variable TRELLIS_TEST_DATA."""
    native.cc_test(
        name = name,
        size = size,
        copts = _WARNINGS + copts,
        deps = deps + ["@com_google_googletest//:gtest_main"],
        **kwargs
    )
