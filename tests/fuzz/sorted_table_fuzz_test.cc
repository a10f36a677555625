// Any bytes are a sorted table or an error; what comes out of one is in order.
// The bytes are tried as a file and, so that checksums do not keep the fuzzer
// out, as the body of the one data block of a good file.
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "trellis/base/check.h"
#include "trellis/io/coding.h"
#include "trellis/io/crc32c.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/sorted_table.h"

namespace {

using namespace trellis;

// A block as it is stored; appends its handle.
std::string Block(absl::string_view body, uint64_t offset,
                  std::string* handle) {
  AppendVarint(offset, handle);
  AppendVarint(body.size(), handle);
  std::string block = absl::StrCat(body, std::string(1, '\0'));
  AppendFixed32(MaskCrc32c(Crc32c(block)), &block);
  return block;
}

// A table whose one data block has this body and may hold any key up to 0xff.
std::string TableOfBody(absl::string_view body) {
  std::string data_handle, footer;
  std::string bytes = Block(body, 0, &data_handle);
  const std::string empty("\0\0\0\0\1\0\0\0", 8);
  bytes += Block(empty, bytes.size(), &footer);
  std::string index("\0\1", 2);
  AppendVarint(data_handle.size(), &index);
  absl::StrAppend(&index, "\xff", data_handle, empty);
  bytes += Block(index, bytes.size(), &footer);
  footer.resize(40);
  AppendFixed64(0xdb4775248b80fb57, &footer);
  return bytes + footer;
}

void Walk(absl::string_view bytes) {
  MemoryFileSystem files;
  auto file = files.NewWritableFile("t", WriteMode::kReplace).value();
  TRELLIS_CHECK(file->Append(bytes).ok());
  const auto table = SortedTable::Open(files.NewReadableFile("t").value());
  if (!table.ok()) return;
  SortedTable::Iterator it(**table);
  std::string last;
  int64_t count = 0;
  for (it.SeekToFirst(); it.valid(); it.Next()) {
    TRELLIS_CHECK(count == 0 || last < it.key());
    last = std::string(it.key());
    ++count;
  }
  it.Seek(last);
  it.Seek("m");
  if (it.valid()) TRELLIS_CHECK(it.key() >= "m");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  Walk(bytes);
  Walk(TableOfBody(bytes));
  return 0;
}
