"""Makes the training goldens: a batch-normalized network, trained by TensorFlow.

    python gen_training.py OUTPUT_DIRECTORY [COMBO...]

Needs TensorFlow 1.15 (made with 1.15.5, Python 3.7):

    pip install tensorflow==1.15.5 'protobuf<3.21' 'numpy<1.19'

For each COMBO of {ref, resource} x {float32, float64} x {adam, momentum}, such
as `ref_float32_adam`, one folder of OUTPUT_DIRECTORY is written:

    model.ckpt-0.meta    the training MetaGraph as `Saver.save` writes it
    model.ckpt-0.index, model.ckpt-0.data-00000-of-00001
                         all variables after the initializer, before step 1
    feeds.npz            x [STEPS * BATCH, 20], labels [STEPS * BATCH]; step t
                         (from 1) is fed with rows (t-1)*BATCH to t*BATCH
    expected.npz         what TensorFlow computes, see below
    gradients.txt        lines `VARIABLE TENSOR`: the tensor of the graph that
                         holds a variable's gradient as the optimizer gets it;
                         fetching one runs UPDATE_OPS, as the train op does

Members of expected.npz, variables under their names (`fc1/dense/kernel`,
`fc1/batch_norm/moving_mean`, `fc1/dense/kernel/Adam`, `beta1_power`, ...):

    step0/VARIABLE, step1/VARIABLE, step10/VARIABLE
                         value after the initializer, one and ten steps
    gradient/VARIABLE    gradient of `total_loss` in step 1
    loss, total_loss, accuracy
                         [STEPS], each of a step's batch before its update
    final_loss, final_total_loss, final_accuracy
                         of the last batch after the last step

Tensors to feed and run are `x`, `labels`, `loss`, `total_loss`, `accuracy`,
`train` (the train op, which runs UPDATE_OPS and counts `global_step`) and
`init`. Layer fc1 has its dropout switched off, which leaves an Identity; that
of fc2 draws random numbers but drops nothing, as `dropout_rate` is 0 unless
fed. So nothing depends on random numbers after the initializer, and that is
seeded. TensorFlow runs with one thread and without graph rewriting. The same
arguments give the same bytes.
"""

import itertools
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
import numpy as np
import tensorflow.compat.v1 as tf

STEPS = 10
BATCH = 16
WIDTHS = (20, 16, 8, 4)  # features, fc1, fc2, classes
COMBOS = [
    "_".join(c)
    for c in itertools.product(
        ("ref", "resource"), ("float32", "float64"), ("adam", "momentum")
    )
]


def hidden_layer(x, width, name, initializer, dropout):
    """Dense without bias, composed batch norm, relu, dropout."""
    with tf.variable_scope(name):
        h = tf.layers.dense(
            x, width, use_bias=False, name="dense", kernel_initializer=initializer
        )
        h = tf.layers.batch_normalization(
            h, momentum=0.9, training=True, fused=False, name="batch_norm"
        )
        return dropout(tf.nn.relu(h))


def build(dtype, optimizer):
    """Builds the training graph; returns [(gradient, variable)] and the saver."""
    x = tf.placeholder(dtype, [None, WIDTHS[0]], name="x")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    rate = tf.placeholder_with_default(
        tf.zeros([], dtype, name="no_dropout"), [], name="dropout_rate"
    )
    step = tf.train.get_or_create_global_step()

    h = hidden_layer(
        x, WIDTHS[1], "fc1", None, lambda h: tf.layers.dropout(h, training=False)
    )
    h = hidden_layer(
        h,
        WIDTHS[2],
        "fc2",
        tf.truncated_normal_initializer(stddev=0.3),
        lambda h: tf.layers.dropout(h, rate, training=True),
    )
    logits = tf.layers.dense(h, WIDTHS[3], name="logits")

    loss = tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=labels, logits=logits
        ),
        name="loss",
    )
    l2 = tf.add_n([tf.nn.l2_loss(v) for v in tf.trainable_variables()], name="l2")
    total = tf.add(loss, 1e-3 * l2, name="total_loss")
    correct = tf.equal(tf.argmax(logits, 1), labels)
    tf.reduce_mean(tf.cast(correct, tf.float32), name="accuracy")

    opt = (
        tf.train.AdamOptimizer(0.01)
        if optimizer == "adam"
        else tf.train.MomentumOptimizer(0.1, 0.9)
    )
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        gradients = opt.compute_gradients(total)
        opt.apply_gradients(gradients, global_step=step, name="train")
    tf.global_variables_initializer()
    return gradients, tf.train.Saver()


def examples(dtype):
    """All batches: noisy class centres, far from being separable at once."""
    random = np.random.RandomState(7)
    rows = STEPS * BATCH
    labels = random.randint(WIDTHS[3], size=rows).astype(np.int64)
    centres = random.normal(size=(WIDTHS[3], WIDTHS[0]))
    x = centres[labels] + 1.5 * random.normal(size=(rows, WIDTHS[0]))
    return x.astype(np.float32).astype(dtype), labels


def session(graph):
    """Runs the graph as it is written, in one order."""
    config = tf.ConfigProto(
        intra_op_parallelism_threads=1, inter_op_parallelism_threads=1
    )
    config.graph_options.optimizer_options.opt_level = tf.OptimizerOptions.L0
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    return tf.Session(graph=graph, config=config)


def save(session, saver, folder):
    """Saver.save(), but the MetaGraph's maps are written in a fixed order.

    Returns the checkpoint's prefix.
    """
    prefix = saver.save(
        session,
        os.path.join(folder, "model.ckpt"),
        global_step=0,
        write_meta_graph=False,
        write_state=False,
    )
    with open(prefix + ".meta", "wb") as f:
        f.write(saver.export_meta_graph().SerializeToString(deterministic=True))
    return prefix


def batches(x, labels):
    """What is fed in each step."""
    for t in range(STEPS):
        rows = slice(t * BATCH, (t + 1) * BATCH)
        yield {"x:0": x[rows], "labels:0": labels[rows]}


def first_gradients(session, gradients, feed):
    """Leaves other moving statistics behind: gradients run UPDATE_OPS."""
    values = session.run([g for g, _ in gradients], feed)
    return {
        "gradient/" + v.op.name: value for (_, v), value in zip(gradients, values)
    }


def train(session, feeds):
    """Runs all steps; returns the arrays of expected.npz but the gradients."""
    expected = {}

    def record(prefix, names, tensors, feed=None):
        for name, value in zip(names, session.run(tensors, feed)):
            expected[prefix + name] = value

    variables = tf.global_variables()
    names = [v.op.name for v in variables]
    measures = ["loss", "total_loss", "accuracy"]

    record("step0/", names, variables)
    curve = []
    for t, feed in enumerate(feeds, 1):
        curve.append(session.run([m + ":0" for m in measures], feed))
        session.run("train", feed)
        if t in (1, STEPS):
            record("step%d/" % t, names, variables)
    expected.update(zip(measures, map(np.array, zip(*curve))))
    record("final_", measures, [m + ":0" for m in measures], feeds[-1])
    return expected


def generate(combo, folder):
    kind, dtype, optimizer = combo.split("_")
    os.makedirs(folder, exist_ok=True)
    if kind == "ref":
        tf.disable_resource_variables()
    else:
        tf.enable_resource_variables()
    x, labels = examples(dtype)
    feeds = list(batches(x, labels))
    np.savez(os.path.join(folder, "feeds.npz"), x=x, labels=labels)
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(1)
        gradients, saver = build(dtype, optimizer)
        with session(graph) as s:
            s.run("init")
            prefix = save(s, saver, folder)
            expected = train(s, feeds)
        with session(graph) as s:
            saver.restore(s, prefix)
            expected.update(first_gradients(s, gradients, feeds[0]))
    np.savez_compressed(os.path.join(folder, "expected.npz"), **expected)
    with open(os.path.join(folder, "gradients.txt"), "w") as f:
        f.writelines("%s %s\n" % (v.op.name, g.name) for g, v in gradients)
    print(combo, "total loss", expected["total_loss"])


def main(args):
    if not args:
        sys.exit(__doc__)
    tf.logging.set_verbosity(tf.logging.ERROR)
    for combo in args[1:] or COMBOS:
        generate(combo, os.path.join(args[0], combo))


if __name__ == "__main__":
    main(sys.argv[1:])
