// An immutable sorted map from byte strings to byte strings in one file: the
// container of checkpoint indexes (V2) and of whole checkpoints (V1).
// Byte-compatible with TensorFlow's tables, which derive from LevelDB's:
//
//   file    = data block*, metaindex block (empty), index block, footer
//   block   = body, type (1 byte: 0 raw, 1 Snappy),
//             masked crc32c of body‖type (4 bytes)
//   body    = entry*, restart offset (4 bytes)*, number of restarts (4 bytes)
//   entry   = varint shared, varint non_shared, varint value_size,
//             non_shared bytes of key, value
//   footer  = metaindex handle, index handle, zeros up to 40 bytes,
//             57 fb 80 8b 24 75 47 db
//   handle  = varint offset, varint size of the body as stored
//
// A key is the first `shared` bytes of the key before it and then its own
// bytes. At each restart offset shared is 0. The index block has an entry for
// each data block: a key not below the block's last one and below the next
// block's first, and the block's handle. Keys are unique and ordered as
// unsigned bytes.
#ifndef TRELLIS_IO_SORTED_TABLE_H_
#define TRELLIS_IO_SORTED_TABLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/io/file_system.h"

namespace trellis {

// Where a block is in its file, without the trailer of 5 bytes.
struct BlockHandle {
  uint64_t offset = 0;
  uint64_t size = 0;
};

// Reads a table. Any bytes are safe to open: what breaks a rule above is
// DataLoss that names the file and the offset, found when the block is read.
// Memory is bounded by the sizes of blocks in the file, and of a compressed
// block by what its bytes can expand to.
//
// Immutable and thread-safe; each thread uses its own Iterator.
class SortedTable {
 public:
  // Reads footer and index. `file` is owned by the table.
  static absl::StatusOr<std::unique_ptr<SortedTable>> Open(
      std::unique_ptr<ReadableFile> file);

  // Whether a file ends as tables do. False too where it cannot be read.
  static bool HasMagic(const ReadableFile& file);

  // Walks the entries in order. Starts before the first one. The table must
  // outlive it.
  //
  //   SortedTable::Iterator it(*table);
  //   for (it.SeekToFirst(); it.valid(); it.Next()) Use(it.key(), it.value());
  //   TRELLIS_RETURN_IF_ERROR(it.status());
  class Iterator {
   public:
    explicit Iterator(const SortedTable& table) : table_(table) {}

    void SeekToFirst();
    // To the first entry whose key is not below `key`.
    void Seek(absl::string_view key);
    // REQUIRES: valid().
    void Next();

    // Whether there is a current entry. False at the end and after an error.
    bool valid() const { return valid_; }
    const absl::Status& status() const { return status_; }

    // The views hold until the iterator moves. REQUIRES: valid().
    absl::string_view key() const { return key_; }
    absl::string_view value() const { return value_; }

   private:
    // Reads data block `block` and stands before its first entry; at the end
    // of the table if there is none.
    bool EnterBlock(size_t block);
    // Decodes the next entry of the block into key_ and value_; false at the
    // block's end or, with status_ set, on an error.
    bool NextInBlock();
    // The last restart whose key is below `key`, or the block's start.
    bool SeekToRestart(absl::string_view key);
    void Fail(absl::string_view what);

    const SortedTable& table_;
    bool valid_ = false;
    absl::Status status_;
    size_t block_ = 0;            // number of the current data block
    std::string body_;            // its bytes, uncompressed
    absl::string_view entries_;   // the part of body_ that holds entries
    absl::string_view restarts_;  // the part that holds restart offsets
    size_t next_ = 0;             // offset of the next entry in entries_
    bool fresh_ = false;          // key_ is not of the entry before next_
    std::string key_;
    absl::string_view value_;
  };

  // The value of `key`; NotFound, with the key, if the table does not have it.
  absl::StatusOr<std::string> Get(absl::string_view key) const;

  absl::string_view path() const { return file_->path(); }
  // The size of the file.
  int64_t size() const { return file_->size(); }

 private:
  struct IndexEntry {
    std::string last_key;  // not below any key of the block
    BlockHandle handle;
  };

  explicit SortedTable(std::unique_ptr<ReadableFile> file)
      : file_(std::move(file)) {}

  absl::Status ReadIndex();
  absl::StatusOr<std::string> ReadBlock(BlockHandle handle) const;
  absl::Status Corrupt(uint64_t offset, absl::string_view what) const;

  const std::unique_ptr<ReadableFile> file_;
  std::vector<IndexEntry> index_;
};

// Writes a table into a file, uncompressed, as TensorFlow writes checkpoint
// indexes: the same entries give the same bytes.
class SortedTableBuilder {
 public:
  struct Options {
    // A data block is closed when it has reached this size.
    size_t block_size = 256 << 10;
    // Every n-th key of a data block is stored whole.
    int restart_interval = 16;
  };

  // `file` is borrowed and must outlive the builder.
  explicit SortedTableBuilder(WritableFile* file)
      : SortedTableBuilder(file, Options()) {}
  SortedTableBuilder(WritableFile* file, const Options& options);

  // InvalidArgument if `key` is not above the key added before, or if key and
  // value do not fit 32 bits; else the file's error. After an error every call
  // returns it.
  absl::Status Add(absl::string_view key, absl::string_view value);

  // Writes what is left. The file is then complete, neither synced nor closed.
  // REQUIRES: no call after it.
  absl::Status Finish();

 private:
  // The body of one block as it grows.
  class Block {
   public:
    explicit Block(int restart_interval)
        : restart_interval_(restart_interval) {}
    void Add(absl::string_view key, absl::string_view value);
    // Adds the restarts and returns the body; the block is empty again.
    std::string Finish();
    size_t size() const;
    bool empty() const { return entries_.empty(); }

   private:
    const int restart_interval_;
    std::string entries_;
    std::vector<uint32_t> restarts_ = {0};
    int since_restart_ = 0;
    std::string last_key_;
  };

  absl::Status AddToBlock(absl::string_view key, absl::string_view value);
  absl::Status CloseDataBlock();
  absl::StatusOr<BlockHandle> WriteBlock(Block& block);
  void AddToIndex(absl::string_view key);

  WritableFile* const file_;
  const Options options_;
  absl::Status status_;
  uint64_t offset_ = 0;
  bool has_keys_ = false;
  std::string last_key_;
  Block data_;
  Block index_;
  // A closed block gets its index entry once the next key is known.
  bool index_pending_ = false;
  BlockHandle pending_;
};

}  // namespace trellis

#endif  // TRELLIS_IO_SORTED_TABLE_H_
