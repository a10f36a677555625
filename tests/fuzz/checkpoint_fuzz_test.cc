// Any records are a checkpoint or an error. The input is a number of records,
// each a byte of length and a key, a byte of length and a value, and then the
// bytes of the data file: they become the table of a V2 and of a V1 checkpoint.
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "trellis/base/check.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/sorted_table.h"
#include "trellis/io/whole_file.h"

namespace {

using namespace trellis;

// Takes a length and as many bytes, or what is left, off the front.
std::string TakeString(absl::string_view* in) {
  if (in->empty()) return "";
  const size_t length = static_cast<uint8_t>(in->front());
  in->remove_prefix(1);
  const std::string text(in->substr(0, length));
  in->remove_prefix(text.size());
  return text;
}

void WriteTable(FileSystem& files, absl::string_view path,
                const std::map<std::string, std::string>& records) {
  auto file = files.NewWritableFile(path, WriteMode::kReplace).value();
  SortedTableBuilder builder(file.get());
  for (const auto& [key, value] : records) {
    TRELLIS_CHECK(builder.Add(key, value).ok());
  }
  TRELLIS_CHECK(builder.Finish().ok());
}

void ReadAll(FileSystem& files, absl::string_view prefix) {
  const auto reader = OpenCheckpoint(files, prefix);
  if (!reader.ok()) return;
  for (const std::string& name : (*reader)->names()) {
    const CheckpointTensor* known = (*reader)->Find(name);
    TRELLIS_CHECK(known != nullptr);
    const auto tensor = (*reader)->Read(name);
    if (!tensor.ok()) continue;
    TRELLIS_CHECK(tensor->dtype() == known->dtype);
    TRELLIS_CHECK(tensor->shape() == known->shape);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view in(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string> records;
  if (!in.empty()) {
    const size_t count = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    for (size_t i = 0; i < count; ++i) {
      std::string key = TakeString(&in);
      records[std::move(key)] = TakeString(&in);
    }
  }
  MemoryFileSystem files;
  WriteTable(files, "v2.index", records);
  TRELLIS_CHECK(WriteFileAtomically(files, "v2.data-00000-of-00001", in).ok());
  ReadAll(files, "v2");
  WriteTable(files, "v1", records);
  ReadAll(files, "v1");
  return 0;
}
