// Any bytes are a model, a checkpoint state or an error.
#include <cstdint>

#include "absl/strings/string_view.h"
#include "trellis/base/check.h"
#include "trellis/io/checkpoint_state.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/model_file.h"
#include "trellis/io/whole_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trellis::MemoryFileSystem files;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  TRELLIS_CHECK(trellis::WriteFileAtomically(files, "checkpoint", bytes).ok());
  trellis::FindModelFile(files, "checkpoint").IgnoreError();
  const auto state = trellis::ReadCheckpointState(files, ".");
  if (state.ok()) TRELLIS_CHECK(!state->model_checkpoint_path.empty());
  trellis::FindModelFile(files, ".").IgnoreError();
  return 0;
}
