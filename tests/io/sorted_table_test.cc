#include "trellis/io/sorted_table.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "snappy.h"
#include "trellis/io/coding.h"
#include "trellis/io/crc32c.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::Pair;
using testing::StatusIs;

using Entries = std::vector<std::pair<std::string, std::string>>;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

// The index of the bundle {a = 0.5, b/c = [2, 3]}, as TensorFlow writes it.
std::string SmallIndex() {
  return absl::HexStringToBytes(
      "00000608011a02080100010b61080112002804350638271f000311622f63080112"
      "0412020802200428083502f5baa9000000000100000000c0cd90ec000000000100"
      "000000c0f2a1b0000102630037000000000100000000ff5110053c08490e000000"
      "00000000000000000000000000000000000000000000000000000000000000"
      "000057fb808b247547db");
}

Entries SmallEntries() {
  return {
      {"", absl::HexStringToBytes("08011a020801")},
      {"a", absl::HexStringToBytes("080112002804350638271f")},
      {"b/c", absl::HexStringToBytes("0801120412020802200428083502f5baa9")}};
}

absl::StatusOr<std::unique_ptr<SortedTable>> OpenBytes(
    absl::string_view bytes) {
  MemoryFileSystem files;
  auto file = files.NewWritableFile("t", WriteMode::kReplace);
  if (!file.ok()) return file.status();
  if (absl::Status status = (*file)->Append(bytes); !status.ok()) return status;
  auto readable = files.NewReadableFile("t");
  if (!readable.ok()) return readable.status();
  return SortedTable::Open(*std::move(readable));
}

absl::StatusOr<Entries> EntriesOf(const SortedTable& table) {
  Entries entries;
  SortedTable::Iterator it(table);
  for (it.SeekToFirst(); it.valid(); it.Next()) {
    entries.emplace_back(it.key(), it.value());
  }
  if (!it.status().ok()) return it.status();
  return entries;
}

absl::StatusOr<Entries> ReadBytes(absl::string_view bytes) {
  auto table = OpenBytes(bytes);
  if (!table.ok()) return table.status();
  return EntriesOf(**table);
}

std::string Build(const Entries& entries,
                  const SortedTableBuilder::Options& options = {}) {
  MemoryFileSystem files;
  auto file = files.NewWritableFile("t", WriteMode::kReplace).value();
  SortedTableBuilder builder(file.get(), options);
  for (const auto& [key, value] : entries) {
    EXPECT_THAT(builder.Add(key, value), IsOk());
  }
  EXPECT_THAT(builder.Finish(), IsOk());
  return ReadWholeFile(files, "t").value();
}

Entries NumberedEntries(int n, size_t value_size) {
  Entries entries;
  for (int i = 0; i < n; ++i) {
    entries.emplace_back(absl::StrCat("key/", 100000 + i),
                         std::string(value_size, static_cast<char>(i)));
  }
  return entries;
}

TEST(SortedTableTest, WritesTheBytesThatTensorFlowWrites) {
  EXPECT_EQ(absl::BytesToHexString(Build(SmallEntries())),
            absl::BytesToHexString(SmallIndex()));
}

TEST(SortedTableTest, ReadsWhatTensorFlowWrote) {
  EXPECT_THAT(ReadBytes(SmallIndex()), IsOkAndHolds(SmallEntries()));
}

TEST(SortedTableTest, AnEmptyTableHasNoEntries) {
  const std::string bytes = Build({});
  EXPECT_THAT(ReadBytes(bytes), IsOkAndHolds(Entries()));
  auto table = OpenBytes(bytes).value();
  EXPECT_THAT(table->Get("a"), StatusIs(absl::StatusCode::kNotFound));
}

// Every table in the folder of TensorFlow's files, indexes and V1 checkpoints.
TEST(SortedTableTest, RewritesTensorFlowsFilesByteForByte) {
  const std::string root = testing::TestDataPath("tf_files");
  if (root.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  FileSystem& files = PosixFileSystem::Get();
  for (const std::string name :
       {"v2_all_dtypes/ckpt.index", "v2_empty_name_edge/ckpt.index",
        "v2_three_shards/ckpt.index", "v2_slices/ckpt.index",
        "v2_many/ckpt.index", "v2_object/obj-3.index",
        "saver_v2_ref/model.ckpt-5.index", "saver_v2_ref/model.ckpt-12.index",
        "saver_v2_resource_sharded/model.ckpt-5.index", "v1_plain/model.ckpt-5",
        "v1_sharded/model.ckpt-5-00000-of-00002",
        "v1_sharded/model.ckpt-5-00001-of-00002"}) {
    SCOPED_TRACE(name);
    const auto bytes = ReadWholeFile(files, root + "/" + name);
    ASSERT_THAT(bytes, IsOk());
    const auto entries = ReadBytes(*bytes);
    ASSERT_THAT(entries, IsOk());
    EXPECT_TRUE(Build(*entries) == *bytes);
  }
}

TEST(SortedTableTest, ManyBlocksComeBackAndAreFound) {
  SortedTableBuilder::Options options;
  options.block_size = 256;
  options.restart_interval = 3;
  const Entries entries = NumberedEntries(1000, 20);
  auto table = OpenBytes(Build(entries, options)).value();
  EXPECT_THAT(EntriesOf(*table), IsOkAndHolds(entries));
  for (const auto& [key, value] : entries) {
    ASSERT_THAT(table->Get(key), IsOkAndHolds(value));
    ASSERT_THAT(table->Get(key + "x"),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr(key + "x")));
  }
}

TEST(SortedTableTest, SeekFindsTheFirstKeyNotBelow) {
  SortedTableBuilder::Options options;
  options.block_size = 64;
  const Entries entries = NumberedEntries(100, 5);
  auto table = OpenBytes(Build(entries, options)).value();
  SortedTable::Iterator it(*table);
  it.Seek("");
  ASSERT_TRUE(it.valid());
  EXPECT_EQ(it.key(), entries[0].first);
  for (size_t i = 0; i + 1 < entries.size(); ++i) {
    it.Seek(entries[i].first + "5");  // between two keys
    ASSERT_TRUE(it.valid());
    EXPECT_EQ(it.key(), entries[i + 1].first);
    it.Next();
    EXPECT_EQ(it.valid(), i + 2 < entries.size());
  }
  it.Seek("z");
  EXPECT_FALSE(it.valid());
  EXPECT_THAT(it.status(), IsOk());
}

TEST(SortedTableTest, AnOversizedEntryGetsABlockOfItsOwn) {
  SortedTableBuilder::Options options;
  options.block_size = 100;
  const Entries entries = {
      {"a", "x"}, {"b", std::string(199, 'y')}, {"c", "z"}};
  // "b" has 200 = 2 * 100 bytes: it starts a block and, being over the block
  // size, ends it. One byte less and it joins "a".
  const auto blocks = [&](const Entries& e) {
    const std::string bytes = Build(e, options);
    EXPECT_THAT(ReadBytes(bytes), IsOkAndHolds(e));
    // The index's restart count is its number of entries; it stands before
    // the trailer and the footer.
    return DecodeFixed32(bytes.data() + bytes.size() - 48 - 5 - 4);
  };
  EXPECT_EQ(blocks(entries), 3);
  EXPECT_EQ(blocks({{"a", "x"}, {"b", std::string(198, 'y')}, {"c", "z"}}), 2);
}

TEST(SortedTableTest, KeysMustIncrease) {
  MemoryFileSystem files;
  auto file = files.NewWritableFile("t", WriteMode::kReplace).value();
  SortedTableBuilder builder(file.get());
  ASSERT_THAT(builder.Add("b", ""), IsOk());
  const auto refused =
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"b\""));
  EXPECT_THAT(builder.Add("b", ""), refused);
  EXPECT_THAT(builder.Add("c", ""), refused);  // the error sticks
  EXPECT_THAT(builder.Finish(), refused);
}

TEST(SortedTableTest, BytesAbove127SortAfterAscii) {
  const Entries entries = {
      {"a", "1"}, {"z", "2"}, {"\x80", "3"}, {"\xff", "4"}};
  SortedTableBuilder::Options options;
  options.block_size = 1;  // one entry per block: separators matter
  EXPECT_THAT(ReadBytes(Build(entries, options)), IsOkAndHolds(entries));
}

// Tables made by hand, for what the builder does not write.
class RawTable {
 public:
  static std::string Body(
      const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string body;
    std::vector<uint32_t> restarts;
    for (const auto& [key, value] : entries) {
      restarts.push_back(static_cast<uint32_t>(body.size()));
      body += Entry(0, key, value);
    }
    if (restarts.empty()) restarts.push_back(0);
    return body + Restarts(restarts);
  }

  static std::string Entry(uint64_t shared, absl::string_view own,
                           absl::string_view value) {
    std::string bytes;
    AppendVarint(shared, &bytes);
    AppendVarint(own.size(), &bytes);
    AppendVarint(value.size(), &bytes);
    return absl::StrCat(bytes, own, value);
  }

  static std::string Restarts(const std::vector<uint32_t>& restarts) {
    std::string bytes;
    for (const uint32_t restart : restarts) AppendFixed32(restart, &bytes);
    AppendFixed32(static_cast<uint32_t>(restarts.size()), &bytes);
    return bytes;
  }

  static std::string Handle(uint64_t offset, uint64_t size) {
    std::string handle;
    AppendVarint(offset, &handle);
    AppendVarint(size, &handle);
    return handle;
  }

  // Appends a block as stored and returns its handle.
  std::string Add(absl::string_view stored, char type = 0) {
    const std::string handle = Handle(bytes_.size(), stored.size());
    std::string block = absl::StrCat(stored, std::string(1, type));
    AppendFixed32(MaskCrc32c(Crc32c(block)), &block);
    bytes_ += block;
    return handle;
  }

  // The whole file, given the entries of its index block.
  std::string Finish(const Entries& index) { return FinishBody(Body(index)); }

  std::string FinishBody(absl::string_view index_body) {
    std::string footer = Add(Body({}));
    footer += Add(index_body);
    footer.resize(40);
    AppendFixed64(0xdb4775248b80fb57, &footer);
    return bytes_ + footer;
  }

 private:
  std::string bytes_;
};

// A table of one data block with this body.
absl::StatusOr<Entries> ReadBody(absl::string_view body, char type = 0) {
  RawTable raw;
  const std::string handle = raw.Add(body, type);
  return ReadBytes(raw.Finish({{"zzz", handle}}));
}

TEST(SortedTableTest, SnappyBlocksAreRead) {
  Entries entries = NumberedEntries(200, 50);
  std::string body = RawTable::Body(entries), compressed;
  snappy::Compress(body.data(), body.size(), &compressed);
  ASSERT_LT(compressed.size(), body.size());
  EXPECT_THAT(ReadBody(compressed, 1), IsOkAndHolds(entries));
}

TEST(SortedTableTest, BrokenSnappyBlocksAreDataLoss) {
  const auto broken = StatusIs(kDataLoss, HasSubstr("Snappy"));
  EXPECT_THAT(ReadBody("", 1), broken);
  // Declares 4 GiB - 1.
  EXPECT_THAT(ReadBody("\xff\xff\xff\xff\x0f"
                       "abc",
                       1),
              broken);
  // A copy from before the start: 4 bytes, offset 9.
  EXPECT_THAT(ReadBody(absl::string_view("\x04\x01\x09", 3), 1), broken);
  // A literal that is not there.
  EXPECT_THAT(ReadBody(absl::string_view("\x04\x0c", 2), 1), broken);
}

TEST(SortedTableTest, BytesAfterAHandleAreAllowed) {
  RawTable raw;
  const std::string handle = raw.Add(RawTable::Body({{"a", "1"}}));
  EXPECT_THAT(ReadBytes(raw.Finish({{"b", handle + "extra"}})),
              IsOkAndHolds(ElementsAre(Pair("a", "1"))));
}

TEST(SortedTableTest, AnIndexMayCompressItsKeys) {
  RawTable raw;
  const std::string first = raw.Add(RawTable::Body({{"ka", "1"}}));
  const std::string second = raw.Add(RawTable::Body({{"kb", "2"}}));
  const std::string index = RawTable::Entry(0, "ka", first) +
                            RawTable::Entry(1, "b", second) +
                            RawTable::Restarts({0});
  EXPECT_THAT(ReadBytes(raw.FinishBody(index)),
              IsOkAndHolds(ElementsAre(Pair("ka", "1"), Pair("kb", "2"))));
}

TEST(SortedTableTest, UnknownBlockTypesAreDataLoss) {
  EXPECT_THAT(ReadBody(RawTable::Body({{"a", "1"}}), 2),
              StatusIs(kDataLoss, HasSubstr("block type 2")));
}

TEST(SortedTableTest, AShortFileAndAWrongMagicAreDataLoss) {  // C01
  EXPECT_THAT(ReadBytes(""), StatusIs(kDataLoss, HasSubstr("0 bytes")));
  EXPECT_THAT(ReadBytes(std::string(47, 'x')), StatusIs(kDataLoss));
  std::string bytes = SmallIndex();
  bytes.back() ^= 1;
  EXPECT_THAT(ReadBytes(bytes), StatusIs(kDataLoss, HasSubstr("magic")));
}

TEST(SortedTableTest, HandlesOutsideOfTheFileAreDataLoss) {  // C02, C03
  const uint64_t kHuge = uint64_t{1} << 63;
  for (const auto& [offset, size] :
       std::vector<std::pair<uint64_t, uint64_t>>{{kHuge, 8},
                                                  {kHuge - 1, kHuge + 1},
                                                  {~uint64_t{0}, 8},
                                                  {0, ~uint64_t{0}},
                                                  {0, ~uint64_t{0} - 4},
                                                  {8, ~uint64_t{0} - 12},
                                                  {0, 1000}}) {
    const std::string handle = RawTable::Handle(offset, size);
    RawTable raw;
    raw.Add(RawTable::Body({{"a", "1"}}));
    EXPECT_THAT(ReadBytes(raw.Finish({{"b", handle}})), StatusIs(kDataLoss))
        << offset << " " << size;

    std::string footer = handle + handle;
    footer.resize(40);
    AppendFixed64(0xdb4775248b80fb57, &footer);
    EXPECT_THAT(ReadBytes(std::string(100, 'x') + footer), StatusIs(kDataLoss));
  }
}

TEST(SortedTableTest, OverlappingBlocksAreDataLoss) {  // C03
  RawTable raw;
  const std::string handle = raw.Add(RawTable::Body({{"a", "1"}}));
  EXPECT_THAT(ReadBytes(raw.Finish({{"a", handle}, {"b", handle}})),
              StatusIs(kDataLoss, HasSubstr("overlap")));
}

TEST(SortedTableTest, ImpossibleRestartsAreDataLoss) {  // C03
  std::string count;
  AppendFixed32(0x40000000, &count);
  EXPECT_THAT(ReadBody(RawTable::Entry(0, "a", "1") + count),
              StatusIs(kDataLoss, HasSubstr("restart count")));
  EXPECT_THAT(ReadBody(std::string(4, '\0')),
              StatusIs(kDataLoss, HasSubstr("without restarts")));
  EXPECT_THAT(ReadBody("abc"), StatusIs(kDataLoss));

  RawTable raw;
  const std::string handle =
      raw.Add(RawTable::Entry(0, "a", "1") + RawTable::Restarts({0, 500}));
  auto table = OpenBytes(raw.Finish({{"zzz", handle}})).value();
  EXPECT_THAT(table->Get("b"),
              StatusIs(kDataLoss, HasSubstr("restart outside")));
}

TEST(SortedTableTest, KeysThatBreakTheRulesAreDataLoss) {  // C04
  using Raw = RawTable;
  EXPECT_THAT(ReadBody(Raw::Entry(1, "a", "1") + Raw::Restarts({0})),
              StatusIs(kDataLoss, HasSubstr("shares more")));
  EXPECT_THAT(ReadBody(Raw::Entry(0, "a", "") + Raw::Entry(2, "b", "") +
                       Raw::Restarts({0})),
              StatusIs(kDataLoss, HasSubstr("shares more")));
  EXPECT_THAT(ReadBody(Raw::Body({{"b", ""}, {"a", ""}})),
              StatusIs(kDataLoss, HasSubstr("not in order")));
  EXPECT_THAT(ReadBody(Raw::Body({{"b", ""}, {"b", ""}})),
              StatusIs(kDataLoss, HasSubstr("not in order")));
  EXPECT_THAT(ReadBody(Raw::Body({{"zzzz", ""}})),
              StatusIs(kDataLoss, HasSubstr("not in the block")));
  RawTable raw;
  const std::string first = raw.Add(Raw::Body({{"a", ""}}));
  const std::string second = raw.Add(Raw::Body({{"b", ""}}));
  EXPECT_THAT(ReadBytes(raw.Finish({{"m", first}, {"z", second}})),
              StatusIs(kDataLoss, HasSubstr("not in the block")));
}

// Each entry stands for many more bytes than it has.
TEST(SortedTableTest, LongSharedKeysCostNoMoreThanTheirBytes) {
  const std::string stem(2 << 20, 'k');
  std::string body = RawTable::Entry(0, stem, "");
  // 3 bytes of lengths and one of key.
  for (int i = 0; i < 200000; ++i) {
    body += RawTable::Entry(stem.size() + i, "x", "");
  }
  body += RawTable::Restarts({0});
  RawTable raw;
  const std::string handle = raw.Add(body);
  auto table = OpenBytes(raw.Finish({{"z", handle}})).value();
  SortedTable::Iterator it(*table);
  int64_t count = 0;
  for (it.SeekToFirst(); it.valid(); it.Next()) ++count;
  EXPECT_THAT(it.status(), IsOk());
  EXPECT_EQ(count, 200001);

  RawTable blocks;
  std::string index =
      RawTable::Entry(0, stem, blocks.Add(RawTable::Body({{stem, ""}})));
  for (int i = 0; i < 1000; ++i) {
    const std::string own(1, static_cast<char>(i % 100 + 1));
    index +=
        RawTable::Entry(stem.size() + i, own, blocks.Add(RawTable::Body({})));
  }
  index += RawTable::Restarts({0});
  EXPECT_THAT(ReadBytes(blocks.FinishBody(index)),
              StatusIs(kDataLoss, HasSubstr("keys of the index are too long")));
}

TEST(SortedTableTest, BrokenVarintsAreDataLoss) {  // C05
  const auto broken = StatusIs(kDataLoss, HasSubstr("broken entry"));
  EXPECT_THAT(ReadBody(std::string(11, '\x80') + RawTable::Restarts({0})),
              broken);
  EXPECT_THAT(ReadBody("\xff" + RawTable::Restarts({0})), broken);
  // A key of 4 GiB - 1.
  EXPECT_THAT(ReadBody(std::string("\0\xff\xff\xff\xff\x0f\0a", 8) +
                       RawTable::Restarts({0})),
              broken);
}

TEST(SortedTableTest, AWrongChecksumIsDataLoss) {  // C07
  std::string bytes = SmallIndex();
  bytes[10] ^= 0x10;
  EXPECT_THAT(
      ReadBytes(bytes),
      StatusIs(kDataLoss, AllOf(HasSubstr("t: corrupt"), HasSubstr("offset 0"),
                                HasSubstr("checksum"))));
}

// All bits count but the footer's padding, and the one that makes the varint
// before it a longer form of the same number.
TEST(SortedTableTest, EveryFlippedBitIsNoticed) {
  const std::string golden = SmallIndex();
  const size_t padding = golden.size() - 44, magic = golden.size() - 8;
  for (size_t i = 0; i < golden.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = golden;
      bytes[i] ^= 1 << bit;
      const auto entries = ReadBytes(bytes);
      if ((i >= padding && i < magic) || (i == padding - 1 && bit == 7)) {
        EXPECT_THAT(entries, IsOkAndHolds(SmallEntries())) << i;
      } else {
        EXPECT_THAT(entries, StatusIs(kDataLoss)) << i;
      }
    }
  }
}

TEST(SortedTableTest, EveryTruncationIsDataLoss) {
  const std::string golden = SmallIndex();
  for (size_t n = 0; n < golden.size(); ++n) {
    EXPECT_THAT(ReadBytes(golden.substr(0, n)), StatusIs(kDataLoss)) << n;
    EXPECT_THAT(ReadBytes(golden.substr(golden.size() - n)),
                StatusIs(kDataLoss))
        << n;
  }
}

// Wrong bytes under right checksums: no crash, and no false order.
TEST(SortedTableTest, EveryChangedByteOfABodyIsSafe) {
  const std::string body =
      RawTable::Body({{"a", "1"}, {"b", "22"}, {"cc", "333"}});
  for (size_t i = 0; i < body.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = body;
      changed[i] = static_cast<char>(byte);
      RawTable raw;
      const std::string handle = raw.Add(changed);
      auto table = OpenBytes(raw.Finish({{"zzz", handle}})).value();
      const auto entries = EntriesOf(*table);
      if (entries.ok()) {
        EXPECT_TRUE(std::is_sorted(entries->begin(), entries->end()));
      } else {
        EXPECT_THAT(entries, StatusIs(kDataLoss));
      }
      for (const char* key : {"", "a", "b", "bb", "cc", "d"}) {
        const auto found = table->Get(key);
        EXPECT_TRUE(found.ok() || absl::IsNotFound(found.status()) ||
                    absl::IsDataLoss(found.status()));
      }
    }
  }
}

}  // namespace
}  // namespace trellis
