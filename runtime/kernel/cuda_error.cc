#include "trellis/runtime/kernel/cuda_error.h"

#include "absl/strings/str_cat.h"

namespace trellis {
namespace {

struct Meaning {
  int error;
  absl::StatusCode code;
  const char* text;
};

constexpr char kPoisoned[] = "; this process cannot use that GPU any more";

// Numbers are part of CUDA's binary interface.
constexpr Meaning kMeanings[] = {
    {1, absl::StatusCode::kInternal, "invalid value"},
    {2, absl::StatusCode::kResourceExhausted, "out of memory"},
    {3, absl::StatusCode::kUnavailable, "the driver is not initialized"},
    {4, absl::StatusCode::kCancelled, "the driver is shutting down"},
    {9, absl::StatusCode::kInternal, "invalid launch configuration"},
    {34, absl::StatusCode::kUnavailable,
     "libcuda is a stub for linking, not a driver"},
    {35, absl::StatusCode::kFailedPrecondition,
     "the driver is too old for this build"},
    {46, absl::StatusCode::kUnavailable, "the GPU is busy or unavailable"},
    {98, absl::StatusCode::kInternal, "invalid device function"},
    {100, absl::StatusCode::kUnavailable, "there is no GPU"},
    {101, absl::StatusCode::kInternal, "invalid device number"},
    {201, absl::StatusCode::kInternal, "invalid context"},
    {209, absl::StatusCode::kFailedPrecondition,
     "this build has no code for that GPU"},
    {214, absl::StatusCode::kDataLoss, "uncorrectable memory error"},
    {222, absl::StatusCode::kFailedPrecondition,
     "the driver is too old for this build's PTX"},
    {400, absl::StatusCode::kInternal, "invalid handle"},
    {700, absl::StatusCode::kDataLoss, "a kernel used an illegal address"},
    {701, absl::StatusCode::kResourceExhausted,
     "a kernel needs more registers or memory than a launch can have"},
    {702, absl::StatusCode::kDataLoss, "a kernel ran too long"},
    {709, absl::StatusCode::kDataLoss, "the context was destroyed"},
    {710, absl::StatusCode::kDataLoss, "an assertion failed in a kernel"},
    {716, absl::StatusCode::kDataLoss, "a kernel used a misaligned address"},
    {719, absl::StatusCode::kDataLoss, "a kernel failed"},
    {802, absl::StatusCode::kUnavailable, "the system is not ready"},
    {803, absl::StatusCode::kFailedPrecondition,
     "the driver's library and kernel module do not match"},
    {804, absl::StatusCode::kFailedPrecondition,
     "the driver's library cannot run on this GPU"},
    {900, absl::StatusCode::kFailedPrecondition,
     "a call that waits or takes memory cannot be captured"},
    {901, absl::StatusCode::kFailedPrecondition,
     "a call before it has ended the capture"},
    {910, absl::StatusCode::kFailedPrecondition,
     "a captured graph differs in more than its arguments"},
};

}  // namespace

absl::Status CudaError(int error, absl::string_view call) {
  if (error == 0) return absl::OkStatus();
  for (const Meaning& m : kMeanings) {
    if (m.error != error) continue;
    return absl::Status(
        m.code,
        absl::StrCat(call, ": ", m.text, " (CUDA error ", error, ")",
                     m.code == absl::StatusCode::kDataLoss ? kPoisoned : ""));
  }
  return absl::InternalError(absl::StrCat(call, ": CUDA error ", error));
}

}  // namespace trellis
