#include "trellis/tools/gpu_check/unpack.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "trellis/base/status_macros.h"
#include "trellis/data/gzip_source.h"

namespace trellis {
namespace {

namespace fs = std::filesystem;

absl::Status Inflate(const std::string& gz, const std::string& program) {
  std::ifstream in(gz, std::ios::binary);
  const std::vector<char> packed((std::istreambuf_iterator<char>(in)), {});
  if (!in) return absl::UnavailableError(absl::StrCat(gz, " cannot be read"));
  GzipSource source(absl::MakeConstSpan(
      reinterpret_cast<const uint8_t*>(packed.data()), packed.size()));
  std::ofstream out(program, std::ios::binary);
  std::vector<uint8_t> piece(size_t{1} << 20);
  size_t read = piece.size();
  while (read == piece.size()) {
    TRELLIS_ASSIGN_OR_RETURN(read, source.Read(absl::MakeSpan(piece)));
    out.write(reinterpret_cast<const char*>(piece.data()),
              static_cast<std::streamsize>(read));
  }
  out.close();
  if (!out) {
    return absl::UnavailableError(absl::StrCat(program, " cannot be written"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Unpack(const std::string& gz) {
  const std::string program(absl::StripSuffix(gz, ".gz"));
  std::error_code error;
  if (fs::exists(program, error)) return absl::OkStatus();
  const std::string unfinished = absl::StrCat(program, ".unfinished");
  const absl::Status inflated = Inflate(gz, unfinished);
  if (inflated.ok()) {
    fs::permissions(unfinished, fs::perms(0755), error);
    if (!error) fs::rename(unfinished, program, error);
    if (!error) return absl::OkStatus();
  }
  std::error_code ignored;
  fs::remove(unfinished, ignored);
  return inflated.ok() ? absl::UnavailableError(
                             absl::StrCat(program, ": ", error.message()))
                       : inflated;
}

}  // namespace trellis
