"""Does with TensorFlow what `trellis run` and `trellis ckpt` do, to compare.

    tf_roundtrip.py run GRAPH [flags]    run a GraphDef or MetaGraphDef
    tf_roundtrip.py ckpt PREFIX          list a checkpoint

Needs TensorFlow 1.15 or a 2.x (through compat.v1). The graph is run as it is
written: one thread, no rewriting. `run` takes, like `trellis run`,

    --feed NAME=x.npy    a tensor to feed; --feed x.npz feeds all its members
    --fetch NAME         written to DIR/NAME.npy, '/' and ':' as '_'
    --target NAME        an op to run
    --checkpoint PREFIX  where the variables come from: through the saver of a
                         MetaGraphDef, else every variable by its name
    --init OP            an op to run before the checkpoint is restored
    --steps N            the fetches are those of the last step
    --batch N            step t gets the t-th N rows of each fed array, from the
                         start again at its end
    --save PREFIX        a checkpoint of all variables after the last step
    --variables          DIR/variables.npz with their values
    --out DIR

In TensorFlow the value of a *reference* variable fetched beside an op that writes
it may be the old or the new one: fetch it in a run of its own, or use --variables.

`ckpt` prints lines `NAME DTYPE SHAPE SHA256`, sorted by name. The hash is that of
the elements in row-major order and little-endian form; of strings, each after its
length as 8 bytes. With `--npz FILE` the values are written too.
"""

import argparse
import hashlib
import os
import re
import struct
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import numpy as np
import tensorflow.compat.v1 as tf
from google.protobuf import message, text_format

VARIABLE_OPS = ("VarHandleOp", "Variable", "VariableV2")


def read_graph(path):
    """The file as (GraphDef, SaverDef or None); `.pbtxt` is text."""
    with open(path, "rb") as f:
        data = f.read()
    if path.endswith(".pbtxt"):

        def parse(kind):
            return text_format.Parse(data, kind())

    else:

        def parse(kind):
            return kind.FromString(data)

    try:
        meta = parse(tf.MetaGraphDef)
    except (message.DecodeError, text_format.ParseError):
        return parse(tf.GraphDef), None
    # A GraphDef may parse as a MetaGraphDef, but not to nodes with ops. (While it
    # is tried, protobuf may log a complaint about UTF-8.)
    if not meta.graph_def.node or not all(n.op for n in meta.graph_def.node):
        return parse(tf.GraphDef), None
    saver = meta.saver_def
    return meta.graph_def, saver if saver.restore_op_name else None


def read_feeds(flags):
    """{tensor name: array} of all --feed flags."""
    feeds = {}
    for flag in flags:
        name, equals, path = flag.rpartition("=")
        if equals:
            feeds[tensor_name(name)] = np.load(path)
        elif path.endswith(".npz"):
            with np.load(path) as members:
                feeds.update((tensor_name(k), members[k]) for k in members.files)
        else:
            sys.exit("--feed %s: expected NAME=FILE.npy or FILE.npz" % flag)
    return feeds


def tensor_name(name):
    return name if ":" in name else name + ":0"


def rows(array, step, batch):
    """What `array` feeds in `step`, counted from 0."""
    if not batch or array.ndim == 0:
        return array
    if len(array) < batch:
        sys.exit("--batch %d: an array has only %d rows" % (batch, len(array)))
    start = step % (len(array) // batch) * batch
    return array[start : start + batch]


class Variables:
    """The variables of a graph, by name, whatever way they were made."""

    def __init__(self, graph, graph_def):
        self._values = {}  # name -> tensor that reads it
        self._assigns = {}  # name -> (op, the placeholder it assigns)
        with graph.as_default():
            for node in graph_def.node:
                if node.op in VARIABLE_OPS:
                    self._add(node, graph.get_tensor_by_name(node.name + ":0"))

    def _add(self, node, variable):
        dtype = tf.as_dtype(node.attr["dtype"].type)
        value = tf.placeholder(dtype)
        if node.op == "VarHandleOp":
            read = tf.raw_ops.ReadVariableOp(resource=variable, dtype=dtype)
            assign = tf.raw_ops.AssignVariableOp(resource=variable, value=value)
        else:
            read = tf.raw_ops.Identity(input=variable)
            assign = tf.raw_ops.Assign(
                ref=variable, value=value, validate_shape=False
            ).op
        self._values[node.name] = read
        self._assigns[node.name] = assign, value

    def restore(self, session, prefix, required):
        """Assigns what the checkpoint has; with `required`, it must have all."""
        reader = tf.train.load_checkpoint(prefix)
        saved = reader.get_variable_to_shape_map()
        missing = sorted(set(self._assigns) - set(saved))
        if missing and required:
            sys.exit("%s lacks %s" % (prefix, ", ".join(missing)))
        for name, (assign, value) in self._assigns.items():
            if name in saved:
                session.run(assign, {value: reader.get_tensor(name)})

    def read(self, session):
        return session.run(self._values)

    def save(self, session, prefix):
        names, values = zip(*sorted(self._values.items()))
        with session.graph.as_default():
            save = tf.raw_ops.SaveV2(
                prefix=prefix,
                tensor_names=names,
                shape_and_slices=[""] * len(names),
                tensors=values,
            )
        session.run(save)


def cpus(graph_def):
    """As many logical CPUs as the graph asks for."""
    found = [re.search("cpu:([0-9]+)$", n.device.lower()) for n in graph_def.node]
    return 1 + max((int(m.group(1)) for m in found if m), default=0)


def new_session(graph, graph_def):
    config = tf.ConfigProto(
        intra_op_parallelism_threads=1,
        inter_op_parallelism_threads=1,
        device_count={"CPU": cpus(graph_def), "GPU": 0},
    )
    config.graph_options.optimizer_options.opt_level = tf.OptimizerOptions.L0
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    return tf.Session(graph=graph, config=config)


def run(args):
    graph_def, saver = read_graph(args.graph)
    feeds = read_feeds(args.feed)
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")
    variables = Variables(graph, graph_def)
    fetches = {name: tensor_name(name) for name in args.fetch}
    results = {}
    with new_session(graph, graph_def) as session:
        if args.init:
            session.run(args.init)
        if args.checkpoint and saver:
            session.run(
                saver.restore_op_name, {saver.filename_tensor_name: args.checkpoint}
            )
        elif args.checkpoint:
            variables.restore(session, args.checkpoint, required=not args.init)
        if args.fetch or args.target:
            for step in range(args.steps):
                feed = {k: rows(v, step, args.batch) for k, v in feeds.items()}
                results, _ = session.run((fetches, args.target), feed)
        if args.save:
            variables.save(session, args.save)
        values = variables.read(session) if args.variables else None
    os.makedirs(args.out, exist_ok=True)
    for name, value in results.items():
        if isinstance(value, bytes) or getattr(value, "dtype", None) == object:
            value = np.asarray(value, "S")  # as Trellis writes strings
        np.save(os.path.join(args.out, re.sub("[/:]", "_", name) + ".npy"), value)
    if args.variables:
        np.savez(os.path.join(args.out, "variables.npz"), **values)


def sha256(array):
    digest = hashlib.sha256()
    if array.dtype == object:
        for item in array.ravel():
            digest.update(struct.pack("<Q", len(item)) + item)
    else:
        digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def ckpt(args):
    reader = tf.train.load_checkpoint(args.prefix)
    dtypes = reader.get_variable_to_dtype_map()
    values = {}
    for name in sorted(dtypes):
        value = values[name] = np.asarray(reader.get_tensor(name))
        if dtypes[name] == tf.string:
            value = value.astype(object)
        shape = "[%s]" % ",".join(map(str, value.shape))
        print(name, tf.as_dtype(dtypes[name]).name, shape, sha256(value))
    if args.npz:
        np.savez(args.npz, **values)


def parse(argv):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command")
    commands.required = True
    p = commands.add_parser("run")
    p.set_defaults(do=run)
    p.add_argument("graph")
    p.add_argument("--feed", action="append", default=[])
    p.add_argument("--fetch", action="append", default=[])
    p.add_argument("--target", action="append", default=[])
    p.add_argument("--checkpoint")
    p.add_argument("--init")
    p.add_argument("--steps", type=int, default=1)
    p.add_argument("--batch", type=int)
    p.add_argument("--save")
    p.add_argument("--variables", action="store_true")
    p.add_argument("--out", default=".")
    p = commands.add_parser("ckpt")
    p.set_defaults(do=ckpt)
    p.add_argument("prefix")
    p.add_argument("--npz")
    return parser.parse_args(argv)


def main():
    args = parse(sys.argv[1:])
    if not tf.version.VERSION.startswith("1."):
        tf.disable_eager_execution()
    tf.logging.set_verbosity(tf.logging.ERROR)
    args.do(args)


if __name__ == "__main__":
    main()
