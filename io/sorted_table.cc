#include "trellis/io/sorted_table.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "snappy.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/coding.h"
#include "trellis/io/crc32c.h"

namespace trellis {
namespace {

constexpr size_t kTrailerBytes = 5;
constexpr size_t kFooterBytes = 48;
constexpr uint64_t kMagic = 0xdb4775248b80fb57;

enum BlockType : char { kRaw = 0, kSnappy = 1 };

// The keys of an index block may take this many times its size. Those of
// upstream are stored whole.
constexpr uint64_t kMaxIndexExpansion = 16;

// Snappy's longest copy makes 64 bytes of 3.
constexpr size_t kSnappyMaxExpansion = 22;

bool ConsumeHandle(absl::string_view* in, BlockHandle* handle) {
  return ConsumeVarint64(in, &handle->offset) &&
         ConsumeVarint64(in, &handle->size);
}

void AppendHandle(BlockHandle handle, std::string* out) {
  AppendVarint(handle.offset, out);
  AppendVarint(handle.size, out);
}

// An entry's three lengths; the bytes follow.
struct EntryHeader {
  uint32_t shared, non_shared, value_size;
};

bool ConsumeEntryHeader(absl::string_view* in, EntryHeader* header) {
  return ConsumeVarint32(in, &header->shared) &&
         ConsumeVarint32(in, &header->non_shared) &&
         ConsumeVarint32(in, &header->value_size) &&
         uint64_t{header->non_shared} + header->value_size <= in->size();
}

// Splits a block's body; nullptr, or what is wrong with it.
const char* SplitBody(absl::string_view body, absl::string_view* entries,
                      absl::string_view* restarts) {
  if (body.size() < 4) return "a block without room for its restart count";
  const uint32_t count = DecodeFixed32(body.data() + body.size() - 4);
  if (count == 0) return "a block without restarts";
  const size_t room = (body.size() - 4) / 4;
  if (count > room) return "a restart count that exceeds its block";
  const size_t restart_bytes = size_t{count} * 4;
  *restarts = body.substr(body.size() - 4 - restart_bytes, restart_bytes);
  *entries = body.substr(0, body.size() - 4 - restart_bytes);
  return nullptr;
}

// A key that is not below `last` and is below `next`, as short as one changed
// byte makes it.
std::string ShortSeparator(absl::string_view last, absl::string_view next) {
  const auto byte = [](absl::string_view s, size_t i) {
    return static_cast<uint8_t>(s[i]);
  };
  const size_t n = std::min(last.size(), next.size());
  size_t i = 0;
  while (i < n && last[i] == next[i]) ++i;
  std::string key(last);
  if (i < n && byte(last, i) < 0xff && byte(last, i) + 1 < byte(next, i)) {
    key.resize(i + 1);
    ++key[i];
  }
  return key;
}

// The same with nothing after it.
std::string ShortSuccessor(absl::string_view last) {
  std::string key(last);
  const size_t i = key.find_first_not_of('\xff');
  if (i != std::string::npos) {
    key.resize(i + 1);
    ++key[i];
  }
  return key;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SortedTable>> SortedTable::Open(
    std::unique_ptr<ReadableFile> file) {
  std::unique_ptr<SortedTable> table(new SortedTable(std::move(file)));
  TRELLIS_RETURN_IF_ERROR(table->ReadIndex());
  return table;
}

bool SortedTable::HasMagic(const ReadableFile& file) {
  char magic[8];
  return file.size() >= kFooterBytes &&
         file.ReadExactly(file.size() - 8, absl::MakeSpan(magic)).ok() &&
         DecodeFixed64(magic) == kMagic;
}

absl::Status SortedTable::Corrupt(uint64_t offset,
                                  absl::string_view what) const {
  return absl::DataLossError(
      absl::StrCat(path(), ": corrupt table at offset ", offset, ": ", what));
}

absl::Status SortedTable::ReadIndex() {
  if (size() < kFooterBytes) {
    return Corrupt(
        0, absl::StrCat("the file has ", size(), " bytes, a footer alone has ",
                        kFooterBytes));
  }
  const uint64_t footer_offset = size() - kFooterBytes;
  char footer[kFooterBytes];
  TRELLIS_RETURN_IF_ERROR(
      file_->ReadExactly(footer_offset, absl::MakeSpan(footer)));
  if (DecodeFixed64(footer + kFooterBytes - 8) != kMagic) {
    return Corrupt(footer_offset, "the footer's magic number is wrong");
  }
  BlockHandle metaindex, index;
  absl::string_view rest(footer, kFooterBytes - 8);
  if (!ConsumeHandle(&rest, &metaindex) || !ConsumeHandle(&rest, &index)) {
    return Corrupt(footer_offset, "the footer's handles are broken");
  }
  // Nothing is in it, but damage there is damage.
  TRELLIS_RETURN_IF_ERROR(ReadBlock(metaindex).status());
  TRELLIS_ASSIGN_OR_RETURN(const std::string body, ReadBlock(index));
  absl::string_view entries, restarts;
  if (const char* wrong = SplitBody(body, &entries, &restarts)) {
    return Corrupt(index.offset, wrong);
  }
  std::string key;
  uint64_t key_bytes = 0;
  uint64_t end = 0;  // of the data block before
  while (!entries.empty()) {
    EntryHeader header;
    // Upstream writes a restart at each entry of the index.
    if (!ConsumeEntryHeader(&entries, &header) || header.shared > key.size()) {
      return Corrupt(index.offset, "an entry of the index block is broken");
    }
    std::string next = key.substr(0, header.shared);
    next.append(entries.data(), header.non_shared);
    if (!index_.empty() && next <= key) {
      return Corrupt(index.offset, "the index is not in order");
    }
    key_bytes += next.size();
    if (key_bytes > kMaxIndexExpansion * body.size()) {
      return Corrupt(index.offset, "the keys of the index are too long");
    }
    entries.remove_prefix(header.non_shared);
    absl::string_view value = entries.substr(0, header.value_size);
    entries.remove_prefix(header.value_size);
    IndexEntry entry{.last_key = next};
    // Bytes after the handle are allowed.
    if (!ConsumeHandle(&value, &entry.handle)) {
      return Corrupt(index.offset, "a handle of the index block is broken");
    }
    if (entry.handle.offset < end) {
      return Corrupt(entry.handle.offset, "data blocks overlap");
    }
    if (entry.handle.offset > size() || entry.handle.size > size()) {
      return Corrupt(index.offset, "a data block lies outside of the file");
    }
    end = entry.handle.offset + entry.handle.size;
    key = std::move(next);
    index_.push_back(std::move(entry));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> SortedTable::ReadBlock(BlockHandle handle) const {
  const uint64_t limit = size() - kFooterBytes;
  if (handle.offset > limit || handle.size > limit - handle.offset ||
      limit - handle.offset - handle.size < kTrailerBytes) {
    return Corrupt(handle.offset, absl::StrCat("a block of ", handle.size,
                                               " bytes reaches past the end"));
  }
  std::string bytes(handle.size + kTrailerBytes, '\0');
  TRELLIS_RETURN_IF_ERROR(
      file_->ReadExactly(handle.offset, absl::MakeSpan(bytes)));
  const absl::string_view stored(bytes.data(), handle.size);
  const char type = bytes[handle.size];
  const uint32_t expected = DecodeFixed32(bytes.data() + handle.size + 1);
  const uint32_t found =
      MaskCrc32c(Crc32c(absl::string_view(bytes.data(), handle.size + 1)));
  if (found != expected) {
    return Corrupt(
        handle.offset,
        absl::StrCat("the checksum of a block of ", handle.size, " bytes is ",
                     absl::Hex(found), ", stored is ", absl::Hex(expected)));
  }
  switch (type) {
    case kRaw:
      bytes.resize(handle.size);
      return bytes;
    case kSnappy: {
      size_t length;
      std::string body;
      if (!snappy::GetUncompressedLength(stored.data(), stored.size(),
                                         &length) ||
          length / kSnappyMaxExpansion > stored.size() ||
          !snappy::Uncompress(stored.data(), stored.size(), &body)) {
        return Corrupt(handle.offset, "a Snappy block is broken");
      }
      return body;
    }
    default:
      return Corrupt(handle.offset,
                     absl::StrCat("unknown block type ", int{type}));
  }
}

absl::StatusOr<std::string> SortedTable::Get(absl::string_view key) const {
  Iterator it(*this);
  it.Seek(key);
  TRELLIS_RETURN_IF_ERROR(it.status());
  if (it.valid() && it.key() == key) return std::string(it.value());
  return absl::NotFoundError(
      absl::StrCat(path(), ": no key \"", absl::CHexEscape(key), "\""));
}

void SortedTable::Iterator::Fail(absl::string_view what) {
  valid_ = false;
  status_ = table_.Corrupt(table_.index_[block_].handle.offset, what);
}

bool SortedTable::Iterator::EnterBlock(size_t block) {
  valid_ = false;
  block_ = block;
  if (block >= table_.index_.size()) return false;
  absl::StatusOr<std::string> body =
      table_.ReadBlock(table_.index_[block].handle);
  if (!body.ok()) {
    status_ = body.status();
    return false;
  }
  body_ = *std::move(body);
  if (const char* wrong = SplitBody(body_, &entries_, &restarts_)) {
    Fail(wrong);
    return false;
  }
  next_ = 0;
  fresh_ = true;
  return true;
}

bool SortedTable::Iterator::NextInBlock() {
  if (next_ >= entries_.size()) return false;
  absl::string_view rest = entries_.substr(next_);
  EntryHeader header;
  if (!ConsumeEntryHeader(&rest, &header)) {
    Fail("a broken entry");
    return false;
  }
  if (header.shared > (fresh_ ? 0 : key_.size())) {
    Fail("an entry that shares more than the key before it has");
    return false;
  }
  const absl::string_view own = rest.substr(0, header.non_shared);
  // Equal up to `shared`, so the order is decided behind it.
  if (!fresh_ && own <= absl::string_view(key_).substr(header.shared)) {
    Fail("keys that are not in order");
    return false;
  }
  key_.resize(header.shared);
  key_.append(own.data(), own.size());
  value_ = rest.substr(header.non_shared, header.value_size);
  next_ = entries_.size() - rest.size() + own.size() + value_.size();
  // The index sends a search to the one block that can hold a key. The keys in
  // between follow, being in order; to compare each of them would cost time
  // that is no multiple of the block's size.
  const bool first = fresh_, last = next_ == entries_.size();
  if ((first && block_ > 0 && key_ <= table_.index_[block_ - 1].last_key) ||
      (last && key_ > table_.index_[block_].last_key)) {
    Fail("a key that is not in the block which the index names for it");
    return false;
  }
  fresh_ = false;
  return true;
}

bool SortedTable::Iterator::SeekToRestart(absl::string_view key) {
  const size_t count = restarts_.size() / 4;
  const auto go_to = [&](size_t i) {
    next_ = DecodeFixed32(restarts_.data() + 4 * i);
    fresh_ = true;
    if (next_ <= entries_.size()) return true;
    Fail("a restart outside of its block");
    return false;
  };
  size_t low = 0, high = count;  // the one looked for is in [low, high)
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if (!go_to(middle)) return false;
    if (NextInBlock() && key_ < key) {
      low = middle;
    } else {
      if (!status_.ok()) return false;
      high = middle;
    }
  }
  return go_to(low);
}

void SortedTable::Iterator::SeekToFirst() {
  status_ = absl::OkStatus();
  for (size_t block = 0; EnterBlock(block); ++block) {
    valid_ = NextInBlock();
    if (valid_ || !status_.ok()) return;
  }
}

void SortedTable::Iterator::Seek(absl::string_view key) {
  status_ = absl::OkStatus();
  const auto& index = table_.index_;
  const auto block = std::lower_bound(
      index.begin(), index.end(), key,
      [](const IndexEntry& e, absl::string_view k) { return e.last_key < k; });
  for (size_t i = block - index.begin(); EnterBlock(i); ++i) {
    if (!SeekToRestart(key)) return;
    do {
      valid_ = NextInBlock();
    } while (valid_ && key_ < key);
    if (valid_ || !status_.ok()) return;
  }
}

void SortedTable::Iterator::Next() {
  valid_ = NextInBlock();
  while (!valid_ && status_.ok() && EnterBlock(block_ + 1)) {
    valid_ = NextInBlock();
  }
}

void SortedTableBuilder::Block::Add(absl::string_view key,
                                    absl::string_view value) {
  size_t shared = 0;
  if (since_restart_ == restart_interval_) {
    restarts_.push_back(static_cast<uint32_t>(entries_.size()));
    since_restart_ = 0;
  } else {
    const size_t n = std::min(last_key_.size(), key.size());
    while (shared < n && last_key_[shared] == key[shared]) ++shared;
  }
  AppendVarint(shared, &entries_);
  AppendVarint(key.size() - shared, &entries_);
  AppendVarint(value.size(), &entries_);
  entries_.append(key.data() + shared, key.size() - shared);
  entries_.append(value.data(), value.size());
  last_key_.assign(key.data(), key.size());
  ++since_restart_;
}

std::string SortedTableBuilder::Block::Finish() {
  for (const uint32_t restart : restarts_) AppendFixed32(restart, &entries_);
  AppendFixed32(static_cast<uint32_t>(restarts_.size()), &entries_);
  restarts_ = {0};
  since_restart_ = 0;
  last_key_.clear();
  return std::exchange(entries_, {});
}

size_t SortedTableBuilder::Block::size() const {
  return entries_.size() + 4 * restarts_.size() + 4;
}

SortedTableBuilder::SortedTableBuilder(WritableFile* file,
                                       const Options& options)
    : file_(file),
      options_(options),
      data_(options.restart_interval),
      index_(/*restart_interval=*/1) {}

absl::Status SortedTableBuilder::Add(absl::string_view key,
                                     absl::string_view value) {
  TRELLIS_RETURN_IF_ERROR(status_);
  status_ = AddToBlock(key, value);
  return status_;
}

absl::Status SortedTableBuilder::AddToBlock(absl::string_view key,
                                            absl::string_view value) {
  if (has_keys_ && key <= last_key_) {
    return absl::InvalidArgumentError(
        absl::StrCat("table keys must increase: \"", absl::CHexEscape(key),
                     "\" after \"", absl::CHexEscape(last_key_), "\""));
  }
  // Offsets in a block have 32 bits. A block is closed at block_size or before
  // an oversized entry, so the largest one has little more than one entry.
  constexpr size_t kMaxEntryBytes = size_t{1} << 31;
  if (key.size() > kMaxEntryBytes || value.size() > kMaxEntryBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a table entry of ", key.size(), " + ", value.size(),
                     " bytes is too large"));
  }
  if (!data_.empty() && key.size() + value.size() >= 2 * options_.block_size) {
    TRELLIS_RETURN_IF_ERROR(CloseDataBlock());
  }
  if (index_pending_) AddToIndex(ShortSeparator(last_key_, key));
  data_.Add(key, value);
  last_key_.assign(key.data(), key.size());
  has_keys_ = true;
  return data_.size() >= options_.block_size ? CloseDataBlock()
                                             : absl::OkStatus();
}

absl::Status SortedTableBuilder::CloseDataBlock() {
  TRELLIS_ASSIGN_OR_RETURN(pending_, WriteBlock(data_));
  index_pending_ = true;
  return absl::OkStatus();
}

void SortedTableBuilder::AddToIndex(absl::string_view key) {
  std::string handle;
  AppendHandle(pending_, &handle);
  index_.Add(key, handle);
  index_pending_ = false;
}

absl::StatusOr<BlockHandle> SortedTableBuilder::WriteBlock(Block& block) {
  std::string bytes = block.Finish();
  const BlockHandle handle{.offset = offset_, .size = bytes.size()};
  bytes.push_back(kRaw);
  AppendFixed32(MaskCrc32c(Crc32c(bytes)), &bytes);
  TRELLIS_RETURN_IF_ERROR(file_->Append(bytes));
  offset_ += bytes.size();
  return handle;
}

absl::Status SortedTableBuilder::Finish() {
  TRELLIS_RETURN_IF_ERROR(status_);
  if (!data_.empty()) TRELLIS_RETURN_IF_ERROR(CloseDataBlock());
  Block metaindex(options_.restart_interval);
  TRELLIS_ASSIGN_OR_RETURN(const BlockHandle metaindex_handle,
                           WriteBlock(metaindex));
  if (index_pending_) AddToIndex(ShortSuccessor(last_key_));
  TRELLIS_ASSIGN_OR_RETURN(const BlockHandle index_handle, WriteBlock(index_));
  std::string footer;
  AppendHandle(metaindex_handle, &footer);
  AppendHandle(index_handle, &footer);
  footer.resize(kFooterBytes - 8);
  AppendFixed64(kMagic, &footer);
  return file_->Append(footer);
}

}  // namespace trellis
