// Bundles that are broken: each ends in a Status. Numbers are those of the
// catalogue of malformed inputs, part C.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/bundle_index.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/sorted_table.h"
#include "trellis/io/tensor_bundle_reader.h"
#include "trellis/io/tensor_bundle_writer.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr char kData[] = "m.data-00000-of-00001";

void WriteIndex(FileSystem& files, const BundleIndex& index) {
  auto file = files.NewWritableFile("m.index", WriteMode::kReplace).value();
  ASSERT_THAT(WriteBundleIndex(index, *file), IsOk());
  ASSERT_THAT(file->Close(), IsOk());
}

// A table of our own making as the index.
void WriteTable(FileSystem& files,
                const std::vector<std::pair<std::string, std::string>>& table) {
  auto file = files.NewWritableFile("m.index", WriteMode::kReplace).value();
  SortedTableBuilder builder(file.get());
  for (const auto& [key, value] : table) {
    ASSERT_THAT(builder.Add(key, value), IsOk());
  }
  ASSERT_THAT(builder.Finish(), IsOk());
  ASSERT_THAT(file->Close(), IsOk());
}

// w = [0 1 2 3], s = ["a", "bc"], flag = true.
class MalformedBundleTest : public ::testing::Test {
 protected:
  MalformedBundleTest() {
    auto writer = TensorBundleWriter::Create(files_, "m").value();
    EXPECT_THAT(writer->Add("w", Tensor::Of<float>({0, 1, 2, 3})), IsOk());
    EXPECT_THAT(writer->Add("s", Tensor::Of<std::string>({"a", "bc"})), IsOk());
    EXPECT_THAT(writer->Add("flag", Tensor::Scalar(true)), IsOk());
    EXPECT_THAT(writer->Finish(), IsOk());
    index_ = ReadBundleIndex(files_, "m").value();
  }

  absl::Status Open() { return TensorBundleReader::Open(files_, "m").status(); }
  absl::Status ReadAll() {
    auto reader = TensorBundleReader::Open(files_, "m");
    if (!reader.ok()) return reader.status();
    for (const std::string& name : (*reader)->names()) {
      const auto tensor = (*reader)->Read(name);
      if (!tensor.ok()) return tensor.status();
    }
    return absl::OkStatus();
  }
  // The status of opening after a change to the index.
  absl::Status OpenAfter(const std::function<void(BundleIndex&)>& change) {
    BundleIndex changed = index_;
    change(changed);
    WriteIndex(files_, changed);
    return Open();
  }
  absl::Status OpenAfterEntry(const std::function<void(BundleEntry&)>& change) {
    return OpenAfter(
        [&](BundleIndex& index) { change(index.entries.find("w")->second); });
  }

  MemoryFileSystem files_;
  BundleIndex index_;
};

TEST_F(MalformedBundleTest, NoHeader) {
  WriteTable(files_, {});
  EXPECT_THAT(Open(), StatusIs(kDataLoss, HasSubstr("no bundle header")));
  WriteTable(files_, {{"w", "x"}});
  EXPECT_THAT(Open(), StatusIs(kDataLoss, HasSubstr("no bundle header")));
  WriteTable(files_, {{"", "\xff"}});
  EXPECT_THAT(Open(), StatusIs(kDataLoss, HasSubstr("header is broken")));
}

TEST_F(MalformedBundleTest, NumberOfShards) {  // C08
  for (const int shards : {0, -1, 100000, 0x7fffffff}) {
    EXPECT_THAT(OpenAfter([&](BundleIndex& i) { i.num_shards = shards; }),
                StatusIs(kDataLoss, HasSubstr("number of shards")));
  }
}

TEST_F(MalformedBundleTest, VersionsAndEndianness) {
  const auto open_with_header = [&](absl::string_view header) {
    WriteTable(files_, {{"", std::string(header)}});
    return Open();
  };
  EXPECT_THAT(open_with_header("\x08\x01\x1a\x02\x08\x02"), IsOk());
  EXPECT_THAT(open_with_header("\x08\x01"), IsOk());  // no version
  const auto unimplemented = StatusIs(absl::StatusCode::kUnimplemented);
  EXPECT_THAT(open_with_header("\x08\x01\x1a\x02\x10\x02"), unimplemented);
  EXPECT_THAT(open_with_header("\x08\x01\x1a\x02\x18\x01"), unimplemented);
  EXPECT_THAT(open_with_header("\x08\x01\x10\x01"), unimplemented);  // big
}

TEST_F(MalformedBundleTest, Entries) {  // C08, C09
  const auto broken = [](absl::string_view text) {
    return StatusIs(kDataLoss, AllOf(HasSubstr("m.index: entry \"w\""),
                                     HasSubstr(std::string(text))));
  };
  WriteTable(files_, {{"", "\x08\x01"}, {"w", "\xff\xff"}});
  EXPECT_THAT(Open(), broken("broken"));
  for (const int dtype : {0, 24, 99, 101}) {
    EXPECT_THAT(OpenAfterEntry([&](BundleEntry& e) {
                  e.dtype = static_cast<DType>(dtype);
                }),
                broken(absl::StrCat("number ", dtype)));
  }
  EXPECT_THAT(OpenAfterEntry([](BundleEntry& e) { e.shape = Shape{-1}; }),
              broken("not fully defined"));
  EXPECT_THAT(OpenAfterEntry([](BundleEntry& e) { e.shape = Shape{-5}; }),
              broken(""));
  EXPECT_THAT(OpenAfterEntry([](BundleEntry& e) {
                e.shape = Shape{int64_t{1} << 40, int64_t{1} << 40};
              }),
              broken(""));
  EXPECT_THAT(
      OpenAfterEntry([](BundleEntry& e) { e.shape = Shape{int64_t{1} << 46}; }),
      broken("takes"));
  EXPECT_THAT(
      OpenAfterEntry([](BundleEntry& e) { e.shape = Shape{int64_t{1} << 62}; }),
      broken("than memory can hold"));
  EXPECT_THAT(OpenAfterEntry([](BundleEntry& e) { e.shape = Shape{5}; }),
              broken("has 16 bytes, float32[5] takes 20"));
  EXPECT_THAT(OpenAfterEntry([](BundleEntry& e) { e.shard = 1; }),
              broken("shard 1 of 1"));
  EXPECT_THAT(OpenAfterEntry([](BundleEntry& e) { e.shard = -1; }),
              broken("shard -1"));
  EXPECT_THAT(OpenAfterEntry([](BundleEntry& e) { e.offset = -1; }),
              broken("offset -1"));
  EXPECT_THAT(OpenAfterEntry([](BundleEntry& e) { e.offset = INT64_MAX; }),
              broken("offset"));
  EXPECT_THAT(OpenAfterEntry([](BundleEntry& e) {
                e.dtype = kString;
                e.shape = Shape{int64_t{1} << 40};
              }),
              broken("strings cannot be in"));
}

TEST_F(MalformedBundleTest, SlicesOfTheIndex) {  // C10
  const auto open_with_slices = [&](const std::vector<std::string>& slices,
                                    bool with_parts) {
    return OpenAfter([&](BundleIndex& index) {
      BundleEntry& w = index.entries.find("w")->second;
      for (const std::string& text : slices) {
        w.slices.push_back(TensorSlice::Parse(text).value());
        if (!with_parts) continue;
        BundleEntry part = w;
        part.slices.clear();
        part.shape = Shape{w.slices.back().extents[0].length};
        part.size = part.shape.dim(0) * 4;
        index.entries[SliceKey("w", w.slices.back())] = part;
      }
    });
  };
  EXPECT_THAT(open_with_slices({"0,1", "1,3"}, true), IsOk());
  EXPECT_THAT(open_with_slices({"0,2", "1,3"}, true),
              StatusIs(kDataLoss, HasSubstr("overlap")));
  EXPECT_THAT(open_with_slices({"3,2"}, true),
              StatusIs(kDataLoss, HasSubstr("outside")));
  EXPECT_THAT(open_with_slices({"0,1:-"}, true),
              StatusIs(kDataLoss, HasSubstr("dimensions")));
  EXPECT_THAT(open_with_slices({"0,2"}, false),
              StatusIs(kDataLoss, HasSubstr("slice 0,2 has no entry")));
  EXPECT_THAT(
      open_with_slices(std::vector<std::string>(5000, "0,1"), false),
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("5000 slices")));
}

TEST_F(MalformedBundleTest, Limits) {
  EXPECT_THAT(ReadBundleIndex(files_, "m", {.max_index_bytes = 10}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("the limit is 10")));
  BundleIndex many = index_;
  const std::string stem(3000, 'x');
  for (int i = 0; i < 1000; ++i) {
    many.entries[absl::StrCat(stem, 1000 + i)] = index_.entries["w"];
  }
  WriteIndex(files_, many);
  EXPECT_THAT(ReadBundleIndex(files_, "m"), IsOk());
  EXPECT_THAT(
      ReadBundleIndex(files_, "m", {.max_key_expansion = 5}),
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("keys")));
}

TEST_F(MalformedBundleTest, DataFile) {  // C09, C11
  const std::string data = ReadWholeFile(files_, kData).value();
  for (size_t n = 0; n < data.size(); ++n) {
    ASSERT_THAT(WriteFileAtomically(files_, kData, data.substr(0, n)), IsOk());
    EXPECT_THAT(ReadAll(), StatusIs(kDataLoss, HasSubstr(kData))) << n;
  }
  ASSERT_THAT(files_.Delete(kData), IsOk());
  EXPECT_THAT(ReadAll(),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(kData), HasSubstr("\"flag\""))));
  ASSERT_THAT(files_.CreateDir(kData), IsOk());
  EXPECT_THAT(ReadAll(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  HasSubstr(kData)));
}

TEST_F(MalformedBundleTest, EveryFlippedBitOfTheData) {  // C12, C13
  const std::string data = ReadWholeFile(files_, kData).value();
  for (size_t i = 0; i < data.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = data;
      changed[i] ^= 1 << bit;
      ASSERT_THAT(WriteFileAtomically(files_, kData, changed), IsOk());
      EXPECT_THAT(ReadAll(), StatusIs(kDataLoss, HasSubstr(kData))) << i;
    }
  }
}

TEST_F(MalformedBundleTest, EveryFlippedBitOfTheIndex) {
  const std::string index = ReadWholeFile(files_, "m.index").value();
  for (size_t i = 0; i + 48 < index.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = index;
      changed[i] ^= 1 << bit;
      ASSERT_THAT(WriteFileAtomically(files_, "m.index", changed), IsOk());
      EXPECT_THAT(Open(), StatusIs(kDataLoss)) << i;
    }
  }
}

// Wrong values under right checksums of the index: any status but no crash.
TEST_F(MalformedBundleTest, EveryChangedByteOfAnEntry) {
  std::vector<std::pair<std::string, std::string>> table;
  {
    auto opened =
        SortedTable::Open(files_.NewReadableFile("m.index").value()).value();
    SortedTable::Iterator it(*opened);
    for (it.SeekToFirst(); it.valid(); it.Next()) {
      table.emplace_back(it.key(), it.value());
    }
  }
  for (auto& [key, value] : table) {
    const std::string original = value;
    for (size_t i = 0; i < original.size(); ++i) {
      for (int byte = 0; byte < 256; ++byte) {
        value[i] = static_cast<char>(byte);
        WriteTable(files_, table);
        ReadAll().IgnoreError();
      }
      value = original;
    }
  }
}

TEST_F(MalformedBundleTest, ABoolMustBeOne) {
  auto writer = TensorBundleWriter::Create(files_, "m").value();
  ASSERT_THAT(writer->Add("b", Tensor::Of<uint8_t>({7})), IsOk());
  ASSERT_THAT(writer->Finish(), IsOk());
  BundleIndex index = ReadBundleIndex(files_, "m").value();
  index.entries.find("b")->second.dtype = kBool;
  WriteIndex(files_, index);
  EXPECT_THAT(ReadAll(), StatusIs(kDataLoss, HasSubstr("bool")));
}

TEST_F(MalformedBundleTest, TypesWithoutReaderAreUnimplemented) {
  BundleIndex index = index_;
  index.entries.find("w")->second.dtype = kVariant;
  WriteIndex(files_, index);
  EXPECT_THAT(Open(), IsOk());
  EXPECT_THAT(ReadAll(),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("variant")));
}

}  // namespace
}  // namespace trellis
