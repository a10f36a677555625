// Any bytes are an .npy or .npz file or an error, and what was read is written
// so that it comes back.
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/check.h"
#include "trellis/io/npy.h"
#include "trellis/io/npz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto tensor = trellis::ParseNpy(bytes); tensor.ok()) {
    const absl::StatusOr<std::string> written = trellis::SerializeNpy(*tensor);
    TRELLIS_CHECK(written.ok()) << written.status().ToString();
    const auto again = trellis::ParseNpy(*written);
    TRELLIS_CHECK(again.ok() && again->SameAs(*tensor));
  }
  if (const auto arrays = trellis::ParseNpz(bytes); arrays.ok()) {
    const absl::StatusOr<std::string> written = trellis::SerializeNpz(*arrays);
    TRELLIS_CHECK(written.ok()) << written.status().ToString();
    TRELLIS_CHECK(trellis::ParseNpz(*written).ok());
  }
  return 0;
}
