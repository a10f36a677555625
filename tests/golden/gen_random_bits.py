"""Makes the random-number goldens: the bits that TensorFlow's CPU kernels give.

    python gen_random_bits.py OUTPUT_DIRECTORY

Needs TensorFlow 1.15 (made with 1.15.5; 2.15.1 gives the same bytes). Writes
RandomUniform.txt, RandomStandardNormal.txt and TruncatedNormal.txt. In them,

    float32 seed 1 seed2 2
    3: 3ed0133c 3f5b8ba6 3d62e6c0
    3: 3e2c72f8 3f639c76 3f091654

a line with the attributes of a node is followed by one line for each call of
that node in one session, in order: how many elements were asked for, and their
IEEE bit patterns in hexadecimal. Of a long result after the first call only the
first KEPT elements are there. Blank lines and lines from '#' on mean nothing.

Uniform numbers are exact. Normal ones go through the C library's logarithm, sine
and cosine: where these round otherwise, some values differ in their last bits.
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import numpy as np
import tensorflow.compat.v1 as tf

OPS = ("RandomUniform", "RandomStandardNormal", "TruncatedNormal")
BITS = {"float32": np.uint32, "float64": np.uint64}
LONG = 100
KEPT = 8

# (seed, seed2), elements of each call. Philox makes four words at a time, so
# 1, 3, 4 and 5 end within, at and past a block.
PROGRAMS = (
    ((1, 2), (1, 1, 1)),
    ((1, 2), (3, 3, 3)),
    ((1, 2), (4, 4, 4)),
    ((1, 2), (5, 5, 5)),
    ((87654321, 0), (1000, 1000, 1000)),
    ((0, 7), (5, 0, 3, 1, 6, 257, 2)),
    ((-1, -2), (5, 3)),
    ((1 << 40, 3), (5, 3)),
)


def run(op, dtype, seeds, sizes):
    """Yields the results of one node, called once for each size."""
    with tf.Graph().as_default() as graph:
        shape = tf.placeholder(tf.int32, [1])
        numbers = getattr(tf.raw_ops, op)(
            shape=shape, dtype=dtype, seed=seeds[0], seed2=seeds[1]
        )
        with tf.Session(graph=graph) as session:
            for size in sizes:
                yield session.run(numbers, {shape: [size]})


def text(op):
    lines = ["# %s; made by gen_random_bits.py" % op]
    for dtype, bits in BITS.items():
        digits = 2 * np.dtype(bits).itemsize
        for seeds, sizes in PROGRAMS:
            lines += ["", "%s seed %d seed2 %d" % ((dtype,) + seeds)]
            for call, values in enumerate(run(op, dtype, seeds, sizes)):
                kept = values if call == 0 or values.size < LONG else values[:KEPT]
                words = ["%0*x" % (digits, v) for v in kept.view(bits)]
                lines.append(" ".join(["%d:" % values.size] + words))
    return "\n".join(lines) + "\n"


def main(args):
    if len(args) != 1:
        sys.exit(__doc__)
    if not tf.version.VERSION.startswith("1."):
        tf.disable_eager_execution()
    os.makedirs(args[0], exist_ok=True)
    for op in OPS:
        with open(os.path.join(args[0], op + ".txt"), "w") as f:
            f.write(text(op))


if __name__ == "__main__":
    main(sys.argv[1:])
