#include "trellis/data/mnist.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/status_macros.h"
#include "trellis/data/idx.h"

namespace trellis {
namespace {

constexpr int64_t kSide = 28;
constexpr int kClasses = 10;
// 342,392 images, 1 GiB as floats: EMNIST's largest set fits.
constexpr IdxLimits kLimits = {.max_elements = int64_t{1} << 28};

struct IdxFile {
  std::string path;  // the one that was there
  IdxArray array;
};

absl::StatusOr<IdxFile> ReadPlainOrGzip(const std::string& path) {
  for (const std::string& candidate : {path, path + ".gz"}) {
    absl::StatusOr<IdxArray> array = ReadIdx(candidate, kLimits);
    if (array.ok()) return IdxFile{candidate, *std::move(array)};
    if (!absl::IsNotFound(array.status())) return array.status();
  }
  return absl::NotFoundError(
      absl::StrCat(path, ": there is no such file, nor ", path, ".gz"));
}

absl::Status CheckImages(const IdxFile& file) {
  const auto& shape = file.array.shape;
  if (shape.size() == 3 && shape[0] > 0 && shape[1] == kSide &&
      shape[2] == kSide) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(file.path, ": the images have shape [",
                   absl::StrJoin(shape, ","), "], must be [count,28,28]"));
}

absl::Status CheckLabels(const IdxFile& file, int64_t count) {
  const auto& [shape, bytes] = file.array;
  if (shape.size() != 1 || shape[0] != count) {
    return absl::InvalidArgumentError(absl::StrCat(
        file.path, ": the labels have shape [", absl::StrJoin(shape, ","),
        "], must be [", count, "], one for each image"));
  }
  const auto wrong =
      std::find_if(bytes.begin(), bytes.end(),
                   [](uint8_t label) { return label >= kClasses; });
  if (wrong == bytes.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(file.path, ": label ",
                                                 wrong - bytes.begin(), " is ",
                                                 *wrong, ", must be 0 to 9"));
}

absl::StatusOr<LabeledImages> LoadSet(absl::string_view dir,
                                      absl::string_view name) {
  TRELLIS_ASSIGN_OR_RETURN(
      const IdxFile images,
      ReadPlainOrGzip(absl::StrCat(dir, "/", name, "-images-idx3-ubyte")));
  TRELLIS_RETURN_IF_ERROR(CheckImages(images));
  LabeledImages set{.count = images.array.shape[0]};

  TRELLIS_ASSIGN_OR_RETURN(
      const IdxFile labels,
      ReadPlainOrGzip(absl::StrCat(dir, "/", name, "-labels-idx1-ubyte")));
  TRELLIS_RETURN_IF_ERROR(CheckLabels(labels, set.count));

  const std::vector<uint8_t>& levels = images.array.bytes;
  set.pixels.resize(levels.size());
  std::transform(levels.begin(), levels.end(), set.pixels.begin(),
                 PixelFromByte);
  set.labels.assign(labels.array.bytes.begin(), labels.array.bytes.end());
  return set;
}

}  // namespace

absl::StatusOr<TrainAndTest> LoadMnist(absl::string_view dir) {
  TrainAndTest sets;
  TRELLIS_ASSIGN_OR_RETURN(sets.train, LoadSet(dir, "train"));
  TRELLIS_ASSIGN_OR_RETURN(sets.test, LoadSet(dir, "t10k"));
  return sets;
}

}  // namespace trellis
