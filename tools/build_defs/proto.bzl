"""trellis_proto_library: one macro for a .proto and the C++ made from it."""

def trellis_proto_library(name, srcs, deps = [], well_known = [], visibility = None):
    """Declares NAME_proto (proto_library) and NAME_cc_proto (cc_proto_library).

    Args:
      name: the stem of the two targets' names.
      srcs: .proto files; they are imported as "trellis/<package>/<file>".
      deps: stems of other trellis_proto_library targets (":types").
      well_known: protobuf's own protos in use, e.g. ["any"].
      visibility: as everywhere.
    """
    native.proto_library(
        name = name + "_proto",
        srcs = srcs,
        import_prefix = "trellis",
        strip_import_prefix = "/",
        visibility = visibility,
        deps = [dep + "_proto" for dep in deps] +
               ["@com_google_protobuf//:{}_proto".format(w) for w in well_known],
    )
    native.cc_proto_library(
        name = name + "_cc_proto",
        visibility = visibility,
        deps = [":" + name + "_proto"],
    )
