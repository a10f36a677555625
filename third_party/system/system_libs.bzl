"""Repositories generated from the libraries that apt has installed.

One repository per library. Archives (.a) are taken where Debian ships them, so
that a binary built here carries its own protobuf and Abseil and can be copied to
another machine.
"""

def _multiarch(rctx):
    """'x86_64-linux-gnu' and the like: the directory apt puts libraries in."""
    result = rctx.execute(["/usr/bin/gcc", "-print-multiarch"])
    if result.return_code != 0:
        fail("gcc is missing: apt-get install build-essential")
    return result.stdout.strip()

def _lib(rctx, name, package):
    """Links one library file into the repository's lib/ and returns its path."""
    path = rctx.path("/usr/lib/{}/{}".format(_multiarch(rctx), name))
    if not path.exists:
        fail("{} is missing: apt-get install {}".format(path, package))
    rctx.symlink(path, "lib/" + name)
    return "lib/" + name

# ---------------------------------------------------------------- Abseil ------

# Where upstream keeps each public target. The keys are package names, the values
# map a target's name to the name of its pkg-config file without 'absl_' (a plain
# string where the two agree).
_ABSL_PACKAGES = {
    "absl/algorithm": ["algorithm", ("container", "algorithm_container")],
    "absl/base": ["base", "config", "core_headers", "dynamic_annotations", "endian", "log_severity", "prefetch"],
    "absl/cleanup": ["cleanup"],
    "absl/container": [
        "btree",
        "fixed_array",
        "flat_hash_map",
        "flat_hash_set",
        "inlined_vector",
        "node_hash_map",
        "node_hash_set",
    ],
    "absl/debugging": ["failure_signal_handler", "leak_check", "stacktrace", "symbolize"],
    "absl/flags": [
        ("commandlineflag", "flags_commandlineflag"),
        ("config", "flags_config"),
        ("flag", "flags"),
        ("marshalling", "flags_marshalling"),
        ("parse", "flags_parse"),
        ("reflection", "flags_reflection"),
        ("usage", "flags_usage"),
    ],
    "absl/functional": ["any_invocable", "bind_front", "function_ref"],
    "absl/hash": ["hash"],
    "absl/memory": ["memory"],
    "absl/meta": [("type_traits", "type_traits")],
    "absl/numeric": ["bits", "int128"],
    "absl/random": [
        ("random", "random_random"),
        ("bit_gen_ref", "random_bit_gen_ref"),
        ("distributions", "random_distributions"),
        ("seed_sequences", "random_seed_sequences"),
    ],
    "absl/status": ["status", "statusor"],
    "absl/strings": ["cord", "str_format", "strings"],
    "absl/synchronization": ["synchronization"],
    "absl/time": ["time"],
    "absl/types": ["any", "compare", "optional", "span", "variant"],
    "absl/utility": ["utility"],
}

def _pc_fields(text):
    fields = {}
    for line in text.split("\n"):
        key, colon, value = line.partition(":")
        if colon and " " not in key:
            fields[key] = value.strip()
    return fields

def _absl_repository_impl(rctx):
    multiarch = _multiarch(rctx)
    pc_dir = rctx.path("/usr/lib/{}/pkgconfig".format(multiarch))
    names = sorted([
        p.basename[len("absl_"):-len(".pc")]
        for p in pc_dir.readdir()
        if p.basename.startswith("absl_") and p.basename.endswith(".pc")
    ])
    if not names:
        fail("Abseil is missing: apt-get install libabsl-dev")

    build = ['package(default_visibility = ["//visibility:public"])\n']
    for name in names:
        fields = _pc_fields(rctx.read(pc_dir.get_child("absl_{}.pc".format(name))))
        deps = []
        for requirement in fields.get("Requires", "").split(","):
            # 'absl_base = 20220623'
            dep = requirement.strip().split(" ")[0]
            if dep.startswith("absl_"):
                deps.append(":" + dep[len("absl_"):])
        srcs = []
        for word in fields.get("Libs", "").split(" "):
            if word.startswith("-labsl_"):
                srcs.append(_lib(rctx, "lib{}.a".format(word[len("-l"):]), "libabsl-dev"))
        build.append("""cc_library(
    name = "{name}",
    srcs = {srcs},
    linkopts = {linkopts},
    deps = {deps},
)
""".format(
            name = name,
            srcs = srcs,
            linkopts = ["-pthread"] if srcs else [],
            deps = deps,
        ))
    rctx.file("BUILD.bazel", "\n".join(build), executable = False)

    present = {name: None for name in names}
    for package, targets in _ABSL_PACKAGES.items():
        build = ['package(default_visibility = ["//visibility:public"])\n']
        for target in targets:
            name, pc = target if type(target) == type(()) else (target, target)
            if pc in present:
                build.append('alias(name = "{}", actual = "//:{}")\n'.format(name, pc))
        rctx.file(package + "/BUILD.bazel", "\n".join(build), executable = False)

_absl_repository = repository_rule(
    implementation = _absl_repository_impl,
    configure = True,
    local = True,
)

# -------------------------------------------------------------- protobuf ------

_WELL_KNOWN_PROTOS = {
    "any": [],
    "api": ["source_context", "type"],
    "compiler/plugin": ["descriptor"],
    "descriptor": [],
    "duration": [],
    "empty": [],
    "field_mask": [],
    "source_context": [],
    "struct": [],
    "timestamp": [],
    "type": ["any", "source_context"],
    "wrappers": [],
}

def _wkp_target(name):
    return name.replace("/", "_") + "_proto"

def _protobuf_repository_impl(rctx):
    _lib(rctx, "libprotobuf.a", "libprotobuf-dev")
    _lib(rctx, "libprotobuf-lite.a", "libprotobuf-dev")
    protoc = rctx.path("/usr/bin/protoc")
    if not protoc.exists:
        fail("protoc is missing: apt-get install protobuf-compiler")
    rctx.symlink(protoc, "bin/protoc")
    rctx.symlink("/usr/include/google/protobuf", "src/google/protobuf")

    build = ["""package(default_visibility = ["//visibility:public"])

exports_files(["bin/protoc"])

alias(
    name = "protoc",
    actual = "bin/protoc",
)

cc_library(
    name = "protobuf",
    srcs = ["lib/libprotobuf.a"],
    linkopts = ["-pthread"],
    deps = ["@zlib//:zlib"],
)

cc_library(
    name = "protobuf_lite",
    srcs = ["lib/libprotobuf-lite.a"],
    linkopts = ["-pthread"],
)

# cc_proto_library compiles nothing for the protos named here: their generated
# code is part of libprotobuf.a.
proto_lang_toolchain(
    name = "cc_toolchain",
    blacklisted_protos = {blacklisted},
    command_line = "--cpp_out=$(OUT)",
    runtime = ":protobuf",
)
""".format(blacklisted = [":" + _wkp_target(name) for name in _WELL_KNOWN_PROTOS])]
    for name, deps in _WELL_KNOWN_PROTOS.items():
        build.append("""proto_library(
    name = "{target}",
    srcs = ["src/google/protobuf/{name}.proto"],
    strip_import_prefix = "src",
    deps = {deps},
)
""".format(target = _wkp_target(name), name = name, deps = [":" + _wkp_target(d) for d in deps]))
    rctx.file("BUILD.bazel", "\n".join(build), executable = False)

_protobuf_repository = repository_rule(
    implementation = _protobuf_repository_impl,
    configure = True,
    local = True,
)

# ------------------------------------------------------------- GoogleTest -----

def _googletest_repository_impl(rctx):
    for name in ["libgtest.a", "libgtest_main.a"]:
        _lib(rctx, name, "libgtest-dev")
    for name in ["libgmock.a"]:
        _lib(rctx, name, "libgmock-dev")
    rctx.file("BUILD.bazel", """package(default_visibility = ["//visibility:public"])

# As upstream: this target has both gtest's and gmock's headers.
cc_library(
    name = "gtest",
    srcs = [
        "lib/libgmock.a",
        "lib/libgtest.a",
    ],
    defines = ["GTEST_HAS_PTHREAD=1"],
    linkopts = ["-pthread"],
)

cc_library(
    name = "gtest_main",
    srcs = ["lib/libgtest_main.a"],
    deps = [":gtest"],
)
""", executable = False)

_googletest_repository = repository_rule(
    implementation = _googletest_repository_impl,
    configure = True,
    local = True,
)

# -------------------------------------------------------------- benchmark -----

def _benchmark_repository_impl(rctx):
    # Debian has no libbenchmark.a, only the shared library.
    _lib(rctx, "libbenchmark_main.a", "libbenchmark-dev")
    rctx.file("BUILD.bazel", """package(default_visibility = ["//visibility:public"])

cc_library(
    name = "benchmark",
    linkopts = ["-lbenchmark", "-pthread"],
)

cc_library(
    name = "benchmark_main",
    srcs = ["lib/libbenchmark_main.a"],
    deps = [":benchmark"],
)
""", executable = False)

_benchmark_repository = repository_rule(
    implementation = _benchmark_repository_impl,
    configure = True,
    local = True,
)

# ----------------------------------------------------------------- oneDNN -----

def _onednn_repository_impl(rctx):
    lib = rctx.path("/usr/lib/{}/libdnnl.so".format(_multiarch(rctx)))
    if not lib.exists:
        fail("oneDNN is missing: apt-get install libdnnl-dev")
    rctx.symlink(lib.realpath, "lib/" + lib.realpath.basename)
    rctx.file("BUILD.bazel", """package(default_visibility = ["//visibility:public"])

# Debian has no libdnnl.a, only the shared library.
cc_library(
    name = "dnnl",
    linkopts = ["-ldnnl"],
)

# The file itself, for packaging it beside a binary.
filegroup(
    name = "dnnl_so",
    srcs = glob(["lib/libdnnl.so.*"]),
)
""", executable = False)

_onednn_repository = repository_rule(
    implementation = _onednn_repository_impl,
    configure = True,
    local = True,
)

# ------------------------------------------------------- one archive each ----

def _archive_repository_impl(rctx):
    """A repository whose one target is one .a file."""
    rctx.file("BUILD.bazel", """package(default_visibility = ["//visibility:public"])

cc_library(
    name = "{target}",
    srcs = ["{archive}"],
    linkopts = {linkopts},
    deps = {deps},
)
""".format(
        target = rctx.attr.target,
        archive = _lib(rctx, rctx.attr.archive, rctx.attr.package),
        linkopts = rctx.attr.linkopts,
        deps = rctx.attr.deps,
    ), executable = False)

_archive_repository = repository_rule(
    implementation = _archive_repository_impl,
    attrs = {
        "archive": attr.string(mandatory = True),
        "deps": attr.string_list(),
        "linkopts": attr.string_list(),
        "package": attr.string(mandatory = True),
        "target": attr.string(mandatory = True),
    },
    configure = True,
    local = True,
)

def system_libs():
    """Declares every repository that stands for an apt package."""
    _absl_repository(name = "com_google_absl")
    _protobuf_repository(name = "com_google_protobuf")
    _googletest_repository(name = "com_google_googletest")
    _benchmark_repository(name = "com_github_google_benchmark")
    _onednn_repository(name = "onednn")
    _archive_repository(name = "zlib", target = "zlib", archive = "libz.a", package = "zlib1g-dev")
    _archive_repository(name = "snappy", target = "snappy", archive = "libsnappy.a", package = "libsnappy-dev")
    _archive_repository(
        name = "libjpeg_turbo",
        target = "jpeg",
        archive = "libjpeg.a",
        package = "libjpeg62-turbo-dev",
    )
    _archive_repository(
        name = "png",
        target = "png",
        archive = "libpng16.a",
        package = "libpng-dev",
        linkopts = ["-lm"],
        deps = ["@zlib//:zlib"],
    )
