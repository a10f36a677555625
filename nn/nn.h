// All of nn/: layers, losses, metrics, optimizers and the training loop, built
// on what any program can include.
#ifndef TRELLIS_NN_NN_H_
#define TRELLIS_NN_NN_H_

#include "trellis/nn/activations.h"
#include "trellis/nn/adam.h"
#include "trellis/nn/batch_norm.h"
#include "trellis/nn/dense.h"
#include "trellis/nn/dropout.h"
#include "trellis/nn/global_step.h"
#include "trellis/nn/gradient_descent.h"
#include "trellis/nn/losses.h"
#include "trellis/nn/metrics.h"
#include "trellis/nn/momentum.h"
#include "trellis/nn/optimizer.h"
#include "trellis/nn/training.h"

#endif  // TRELLIS_NN_NN_H_
