#include "trellis/io/whole_file.h"

#include <algorithm>
#include <atomic>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/path.h"

namespace trellis {
namespace {

constexpr absl::string_view kTemporaryMark = ".tempstate";
constexpr size_t kProcessDigits = 16;

// What all temporary names of this process have in common.
const std::string& ProcessMark() {
  static const std::string* const mark = [] {
    std::random_device random;
    const uint64_t token = (uint64_t{random()} << 32) | random();
    return new std::string(absl::StrCat(
        kTemporaryMark, absl::Hex(token, absl::PadSpec::kZeroPad16)));
  }();
  return *mark;
}

bool IsStaleTemporary(absl::string_view name) {
  const size_t mark = name.rfind(kTemporaryMark);
  if (mark == absl::string_view::npos) return false;
  const absl::string_view digits = name.substr(mark + kTemporaryMark.size());
  return digits.size() > kProcessDigits &&
         std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit) &&
         name.substr(mark, ProcessMark().size()) != ProcessMark();
}

absl::Status WriteAndRename(FileSystem& files, TemporaryFile& temporary,
                            absl::string_view path,
                            absl::string_view contents) {
  TRELLIS_RETURN_IF_ERROR(temporary.file->Append(contents));
  TRELLIS_RETURN_IF_ERROR(temporary.file->Sync());
  TRELLIS_RETURN_IF_ERROR(temporary.file->Close());
  return files.Rename(temporary.path, path);
}

}  // namespace

absl::StatusOr<std::string> ReadWholeFile(FileSystem& files,
                                          absl::string_view path,
                                          int64_t max_bytes) {
  TRELLIS_ASSIGN_OR_RETURN(const auto file, files.NewReadableFile(path));
  if (file->size() > max_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        path, ": has ", file->size(), " bytes, the limit is ", max_bytes));
  }
  std::string contents(file->size(), '\0');
  TRELLIS_RETURN_IF_ERROR(file->ReadExactly(0, absl::MakeSpan(contents)));
  return contents;
}

absl::Status WriteFileAtomically(FileSystem& files, absl::string_view path,
                                 absl::string_view contents) {
  TRELLIS_ASSIGN_OR_RETURN(TemporaryFile temporary,
                           NewTemporaryFile(files, path));
  const absl::Status written = WriteAndRename(files, temporary, path, contents);
  if (!written.ok()) {
    files.Delete(temporary.path).IgnoreError();  // `written` says more
    return written;
  }
  return files.SyncDir(DirName(path));
}

absl::StatusOr<TemporaryFile> NewTemporaryFile(FileSystem& files,
                                               absl::string_view final_path) {
  static std::atomic<uint64_t> counter = 0;
  TemporaryFile temporary;
  temporary.path =
      absl::StrCat(final_path, ProcessMark(), absl::Hex(counter++));
  TRELLIS_ASSIGN_OR_RETURN(
      temporary.file,
      files.NewWritableFile(temporary.path, WriteMode::kExclusive));
  return temporary;
}

absl::Status RemoveStaleTemporaries(FileSystem& files, absl::string_view dir) {
  TRELLIS_ASSIGN_OR_RETURN(const auto names, files.List(dir));
  for (const std::string& name : names) {
    if (!IsStaleTemporary(name)) continue;
    TRELLIS_RETURN_IF_ERROR(files.Delete(JoinPath(dir, name)));
  }
  return absl::OkStatus();
}

}  // namespace trellis
