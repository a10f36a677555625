"""precompiled_header: a header that gcc reads in a tenth of the time."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "CPP_COMPILE_ACTION_NAME")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def _precompiled_header_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    deps = cc_common.merge_cc_infos(cc_infos = [dep[CcInfo] for dep in ctx.attr.deps])
    context = deps.compilation_context

    # gcc looks for X.h.gch wherever it looks for X.h; the copy keeps it from finding
    # the original first.
    header = ctx.actions.declare_file("precompiled/" + ctx.file.hdr.basename)
    ctx.actions.symlink(output = header, target_file = ctx.file.hdr)
    outputs = [header]

    # clang has a format of its own, and simply reads the header.
    if toolchain.compiler == "gcc" or toolchain.compiler == "compiler":
        gch = ctx.actions.declare_file("precompiled/" + ctx.file.hdr.basename + ".gch")
        outputs.append(gch)
        cpp = ctx.fragments.cpp
        variables = cc_common.create_compile_variables(
            feature_configuration = features,
            cc_toolchain = toolchain,
            source_file = header.path,
            output_file = gch.path,
            use_pic = True,
            user_compile_flags = cpp.copts + cpp.cxxopts + ctx.attr.copts,
            quote_include_directories = depset(["."], transitive = [context.quote_includes]),
            include_directories = context.includes,
            system_include_directories = context.system_includes,
            preprocessor_defines = context.defines,
        )
        flags = cc_common.get_memory_inefficient_command_line(
            feature_configuration = features,
            action_name = CPP_COMPILE_ACTION_NAME,
            variables = variables,
        )

        ctx.actions.run(
            executable = toolchain.compiler_executable,
            arguments = ["-x", "c++-header"] + flags,
            inputs = depset(
                [header, ctx.file.hdr] + ctx.files.textual_hdrs,
                transitive = [context.headers, toolchain.all_files],
            ),
            outputs = [gch],
            mnemonic = "CppPrecompile",
            progress_message = "Precompiling {}".format(ctx.file.hdr.short_path),
            use_default_shell_env = True,
        )

    return [
        DefaultInfo(files = depset(outputs)),
        cc_common.merge_cc_infos(
            direct_cc_infos = [CcInfo(compilation_context = cc_common.create_compilation_context(
                headers = depset(outputs + ctx.files.textual_hdrs),
            ))],
            cc_infos = [deps],
        ),
    ]

precompiled_header = rule(
    implementation = _precompiled_header_impl,
    attrs = {
        "hdr": attr.label(allow_single_file = [".h"], mandatory = True),
        "textual_hdrs": attr.label_list(allow_files = [".h"]),
        "copts": attr.string_list(doc = "those of the sources that include it"),
        "deps": attr.label_list(providers = [CcInfo]),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
