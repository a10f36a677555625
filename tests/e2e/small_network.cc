#include "trellis/tests/e2e/small_network.h"

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/data/split_mix.h"
#include "trellis/graph/variable_store.h"
#include "trellis/nn/nn.h"
#include "trellis/ops/placeholder_ops.h"

namespace trellis::testing {
namespace {

constexpr int64_t kRows = 4, kColumns = 5;
constexpr int64_t kPixels = kRows * kColumns;
constexpr int64_t kBatch = 8;

Output HiddenLayer(const Scope& scope, Name name, Output x, int64_t units) {
  const Scope s = scope.VariableScope(name);
  Output h = nn::Dense(s, x, units, {.use_bias = false, .scope = "dense"});
  h = nn::BatchNorm(s, h, true, {.momentum = 0.9, .scope = "batch_norm"});
  return nn::Dropout(s, nn::Relu(s, h), 0.25, true);
}

// FNV-1a, 64 bits.
class Hash {
 public:
  void Add(absl::string_view bytes) {
    for (const char c : bytes) {
      hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  }
  std::string Hex() const {
    return absl::StrCat(absl::Hex(hash_, absl::kZeroPad16));
  }

 private:
  uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace

SmallNetwork BuildSmallNetwork(const Scope& s, const LayerDevices& devices) {
  SmallNetwork n;
  n.pixels =
      ops::Placeholder(s, kFloat32, {.shape = {-1, kPixels}, .name = "pixels"});
  n.labels = ops::Placeholder(s, kInt64, {.shape = {-1}, .name = "labels"});
  n.global_step = nn::CreateGlobalStep(s);

  Output h = HiddenLayer(s.WithDevice(devices.fc1), "fc1", n.pixels, 16);
  h = HiddenLayer(s.WithDevice(devices.fc2), "fc2", h, 8);
  const Scope last = s.WithDevice(devices.logits);
  h = nn::Dense(last, h, kRows, {.scope = "logits"});
  n.loss = nn::SparseSoftmaxCrossEntropy(last, n.labels, h);

  n.train =
      nn::Adam({.learning_rate = 0.01f})
          .Minimize(s, n.loss, {.global_step = n.global_step, .name = "train"});
  n.initializer = GlobalVariablesInitializer(s);
  return n;
}

LabeledImages SmallTask() {
  LabeledImages images = {.count = 70, .height = kRows, .width = kColumns};
  for (int64_t i = 0; i < images.count; ++i) {
    SplitMix64 random(/*seed=*/11, /*stream=*/i);
    const int64_t label = static_cast<int64_t>(random.Below(kRows));
    for (int64_t p = 0; p < kPixels; ++p) {
      const float light = p / kColumns == label ? 0.4f : 0.0f;
      images.pixels.push_back(light + 0.6f * random.Uniform());
    }
    images.labels.push_back(label);
  }
  return images;
}

absl::StatusOr<float> TrainStep(const Session& session,
                                const SmallNetwork& network, Batches& batches) {
  Tensor pixels(kFloat32, {kBatch, kPixels});
  Tensor labels(kInt64, {kBatch});
  batches.Next(pixels.flat<float>(), labels.flat<int64_t>());
  TRELLIS_ASSIGN_OR_RETURN(
      const Tensor loss,
      session.Run({{network.pixels, pixels}, {network.labels, labels}},
                  network.loss, {network.train}));
  return loss.scalar<float>();
}

std::string HashOf(const StoredValues& values) {
  Hash hash;
  for (const auto& [name, value] : values) {
    hash.Add(absl::StrCat(name, " ", DTypeName(value.dtype()), " ",
                          value.shape().ToString(), "\n"));
    hash.Add({static_cast<const char*>(value.data()), value.bytes()});
  }
  return hash.Hex();
}

}  // namespace trellis::testing
