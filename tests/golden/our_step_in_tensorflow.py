"""One training step of our own graphs, in Trellis and in TensorFlow, compared.

    bazel build //tests/golden:our_training_graphs //tools/trellis
    PYTHON tests/golden/our_step_in_tensorflow.py DIRECTORY [COMBO...]

Run it in the root of the tree with a PYTHON that has TensorFlow, 1.15 or a 2.x.
For each COMBO of {ref, resource} x {float32, float64} x {adam, momentum}:

  1. Trellis writes the network of examples/mnist as a GraphDef, initializes it,
     trains it for WARM_UP steps, so that no slot is zero, and saves it.
  2. TensorFlow reads that checkpoint and saves its own, with which both begin.
  3. Both compute, on one batch, the logits and the loss of the tower that is not
     trained; and, in a run of their own, since in TensorFlow gradients move the
     moving statistics beside those that read them, the losses, the accuracy and
     the gradient of every variable.
  4. Both run the train op once. All variables are compared: weights, moving means
     and variances, slots, the powers of Adam, the global step.

Dropout is on: from the same seeds both must draw the same bits. TensorFlow's
checkpoint has no random counters, so both draw from the beginning.

Prints a line for each comparison, the worst error being relative to the greatest
value of its tensor, and the table of compare.py where it exceeds 1e-5 in float32
or 1e-12 in float64. Files stay in DIRECTORY. Exit status: 0 all agree, 1 not.
"""

import argparse
import itertools
import os
import subprocess
import sys

import numpy as np

import compare

HERE = os.path.dirname(os.path.abspath(__file__))
WRITER = "_bazel/bin/tests/golden/our_training_graphs"
TRELLIS = "_bazel/bin/tools/trellis/trellis"
COMBOS = [
    "_".join(c)
    for c in itertools.product(
        ("ref", "resource"), ("float32", "float64"), ("adam", "momentum")
    )
]
WARM_UP = 5
BATCH = 100
MEASURES = ["loss:0", "total_loss:0", "accuracy:0"]
OTHER_TOWER = ["test/logits/BiasAdd:0", "test/loss:0"]


def call(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit("%s\n%s" % (" ".join(command), done.stderr.decode()))


def trellis(*args):
    call(TRELLIS, *args)


def tensorflow(*args):
    call(sys.executable, os.path.join(HERE, "tf_roundtrip.py"), *args)


def write_feeds(path, dtype):
    """Sparse strokes of ink, as digits are; one batch for each step."""
    random = np.random.RandomState(3)
    rows = (WARM_UP + 1) * BATCH
    labels = random.randint(10, size=rows).astype(np.int64)
    ink = random.uniform(size=(10, 784)) < 0.25
    pixels = ink[labels] * random.uniform(size=(rows, 784))
    np.savez(
        path,
        pixels=pixels.astype(np.float32).astype(dtype),
        labels=labels,
        learning_rate=np.float32(1e-3),
    )


def last_batch(source, path):
    with np.load(source) as feeds:
        arrays = {k: v[-BATCH:] if v.ndim else v for k, v in feeds.items()}
    np.savez(path, **arrays)


def compared(combo, what, ours, theirs):
    """Prints how far two files are apart; are they near enough?"""
    rows = compare.compare(compare.read(ours), compare.read(theirs), None, False)
    wrong = [row for row in rows if not row[1]]
    worst = max(row[0] for row in rows)
    print("%-26s %-11s %3d tensors  %9.2e" % (combo, what, len(rows), worst))
    for _, _, line in wrong:
        print("  WRONG", line)
    return bool(rows) and not wrong


def run_combo(combo, folder):
    def at(name):
        return os.path.join(folder, name)

    graph = os.path.join(os.path.dirname(folder), combo + ".pb")
    gradients = compare.read_names(graph.replace(".pb", ".gradients.txt"))
    os.makedirs(folder, exist_ok=True)
    write_feeds(at("warm_up.npz"), combo.split("_")[1])
    last_batch(at("warm_up.npz"), at("feeds.npz"))

    warm_up = ["--batch", str(BATCH), "--steps", str(WARM_UP), "--target", "train"]
    feeds = ["--feed", at("warm_up.npz")]
    trellis("run", graph, "--init", *feeds, *warm_up, "--save", at("warm"))
    tensorflow("run", graph, "--checkpoint", at("warm"), "--save", at("start"))

    start = ["run", graph, "--checkpoint", at("start"), "--feed", at("feeds.npz")]
    same = True
    for what, names in (
        ("other tower", OTHER_TOWER),
        ("gradients", MEASURES + sorted(set(gradients.values()))),
    ):
        fetches = [flag for name in names for flag in ("--fetch", name)]
        ours, theirs = at("our " + what), at("their " + what)
        trellis(*start, *fetches, "--out", ours)
        tensorflow(*start, *fetches, "--out", theirs)
        same = compared(combo, what, ours, theirs) and same

    step = ["--target", "train", "--save"]
    trellis(*start, *step, at("ours_after"))
    tensorflow(*start, *step, at("theirs_after"))
    for name in "ours_after", "theirs_after":
        tensorflow("ckpt", at(name), "--npz", at(name + ".npz"))
    drop_counters(at("ours_after.npz"))

    after = at("ours_after.npz"), at("theirs_after.npz")
    return compared(combo, "variables", *after) and same


def drop_counters(path):
    """TensorFlow does not save the state of its random ops."""
    with np.load(path) as arrays:
        kept = {k: v for k, v in arrays.items() if not k.startswith("_trellis/")}
    np.savez(path, **kept)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory")
    parser.add_argument("combos", nargs="*", metavar="COMBO", default=COMBOS)
    args = parser.parse_args()
    os.makedirs(args.directory, exist_ok=True)
    call(WRITER, args.directory)
    results = [run_combo(c, os.path.join(args.directory, c)) for c in args.combos]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
