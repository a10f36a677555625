// Holds our messages against TensorFlow's, field by field and value by value.
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "trellis/proto/checkpoint_state.pb.h"
#include "trellis/proto/control_flow.pb.h"
#include "trellis/proto/event.pb.h"
#include "trellis/proto/example.pb.h"
#include "trellis/proto/named_tensor.pb.h"
#include "trellis/proto/queue_runner.pb.h"
#include "trellis/proto/run_metadata.pb.h"
#include "trellis/proto/saved_model.pb.h"
#include "trellis/proto/saved_tensor_slice.pb.h"
#include "trellis/proto/tensor_bundle.pb.h"

namespace trellis {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FileDescriptor;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// The lines below each "message NAME" and "enum NAME", by that line.
using Table = std::map<std::string, std::vector<std::string>>;

// What we have no use for, each with what is nested in it.
constexpr const char* kLeftOut[] = {
    // How a process and its session are configured: in no file that we read.
    "AutoParallelOptions", "CallableOptions", "ConfigProto", "DebugOptions",
    "DebugTensorWatch", "GPUOptions", "GraphOptions", "OptimizerOptions",
    "RPCOptions", "RewriterConfig", "RunOptions", "ScopedAllocatorOptions",
    "TensorConnection", "ThreadPoolOptionProto", "VerifierConfig",
    // Clusters and their servers.
    "ClusterDef", "ClusterDeviceFilters", "CoordinatedJob",
    "CoordinationServiceConfig", "JobDef", "JobDeviceFilters",
    "LabeledStepStats", "ServerDef", "TaskDeviceFilters",
    // What a process finds out about its devices and kernels.
    "DeviceAttributes", "DeviceLocality", "InterconnectLink", "KernelDef",
    "KernelList", "LocalLinks",
    // Logs of allocations.
    "MemoryLogRawAllocation", "MemoryLogRawDeallocation", "MemoryLogStep",
    "MemoryLogTensorAllocation", "MemoryLogTensorDeallocation",
    "MemoryLogTensorOutput",
    // Settings of TensorBoard's dashboards: the empty default is right.
    "AudioPluginData", "HistogramPluginData", "ImagePluginData",
    "PrCurvePluginData", "ScalarPluginData", "TextPluginData",
    // Rare files and collections, which are kept as bytes.
    "CriticalSectionDef", "CriticalSectionExecutionDef", "FingerprintDef",
    "MemmappedFileSystemDirectory", "MemmappedFileSystemDirectoryElement"};

std::string ShortName(absl::string_view full_name) {
  return std::string(absl::StripPrefix(full_name, "trellis.proto."));
}

std::string TypeName(const FieldDescriptor* field) {
  if (field->is_map()) {
    const Descriptor* entry = field->message_type();
    return absl::StrCat("map<", TypeName(entry->map_key()), ",",
                        TypeName(entry->map_value()), ">");
  }
  if (field->message_type())
    return ShortName(field->message_type()->full_name());
  if (field->enum_type()) return ShortName(field->enum_type()->full_name());
  return field->type_name();
}

std::string Label(const FieldDescriptor* field) {
  if (field->is_map()) return "map";
  if (field->is_packed()) return "packed";
  return field->is_repeated() ? "repeated" : "optional";
}

std::string Line(const FieldDescriptor* field) {
  std::string line = absl::StrCat(field->number(), " ", field->name(), " ",
                                  TypeName(field), " ", Label(field));
  if (field->containing_oneof()) {
    absl::StrAppend(&line, " ", field->containing_oneof()->name());
  }
  return line;
}

void AddEnum(const EnumDescriptor* type, Table& table) {
  std::vector<std::string>& lines =
      table[absl::StrCat("enum ", ShortName(type->full_name()))];
  for (int i = 0; i < type->value_count(); ++i) {
    lines.push_back(
        absl::StrCat(type->value(i)->name(), " ", type->value(i)->number()));
  }
}

void AddMessage(const Descriptor* type, Table& table) {
  if (type->options().map_entry()) return;
  std::map<int, std::string> lines;  // a message lists oneofs in one place
  for (int i = 0; i < type->field_count(); ++i) {
    lines[type->field(i)->number()] = Line(type->field(i));
  }
  std::vector<std::string>& sorted =
      table[absl::StrCat("message ", ShortName(type->full_name()))];
  for (const auto& [number, line] : lines) sorted.push_back(line);
  for (int i = 0; i < type->nested_type_count(); ++i) {
    AddMessage(type->nested_type(i), table);
  }
  for (int i = 0; i < type->enum_type_count(); ++i) {
    AddEnum(type->enum_type(i), table);
  }
}

void AddFile(const FileDescriptor* file, std::set<std::string>& seen,
             Table& table) {
  if (!absl::StartsWith(file->package(), "trellis.proto")) return;
  if (!seen.insert(file->name()).second) return;
  for (int i = 0; i < file->dependency_count(); ++i) {
    AddFile(file->dependency(i), seen, table);
  }
  for (int i = 0; i < file->message_type_count(); ++i) {
    AddMessage(file->message_type(i), table);
  }
  for (int i = 0; i < file->enum_type_count(); ++i) {
    AddEnum(file->enum_type(i), table);
  }
}

Table Ours() {
  Table table;
  std::set<std::string> seen;
  for (const Descriptor* type :
       {proto::BundleEntryProto::descriptor(),
        proto::CheckpointState::descriptor(),
        proto::CondContextDef::descriptor(), proto::Event::descriptor(),
        proto::Example::descriptor(), proto::NamedTensorProto::descriptor(),
        proto::QueueRunnerDef::descriptor(), proto::RunMetadata::descriptor(),
        proto::SavedModel::descriptor(),
        proto::SavedTensorSlices::descriptor()}) {
    AddFile(type->file(), seen, table);
  }
  return table;
}

Table TensorFlows() {
  Table table;
  std::vector<std::string>* lines = nullptr;
  std::ifstream file("tests/proto/tf_fields.txt");
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "#")) continue;
    if (absl::StartsWith(line, "message ") || absl::StartsWith(line, "enum ")) {
      lines = &table[line];
    } else if (lines) {
      lines->push_back(line);
    }
  }
  return table;
}

// "NodeDef" of "message NodeDef.ExperimentalDebugInfo".
std::string Outermost(const std::string& heading) {
  const std::string name = std::vector<std::string>(
      absl::StrSplit(heading, absl::MaxSplits(' ', 1)))[1];
  return name.substr(0, name.find('.'));
}

TEST(FieldsTest, OurMessagesHaveTensorFlowsFieldsAndNoOthers) {
  const Table theirs = TensorFlows();
  const Table ours = Ours();
  EXPECT_GT(ours.size(), 100);
  for (const auto& [heading, lines] : ours) {
    const auto it = theirs.find(heading);
    if (it == theirs.end()) {
      ADD_FAILURE() << "TensorFlow has no " << heading;
      continue;
    }
    if (absl::StartsWith(heading, "message ")) {
      EXPECT_THAT(lines, ElementsAreArray(it->second)) << heading;
    } else {  // the first value of an enum in proto3 is 0, in theirs the least
      EXPECT_THAT(lines, testing::UnorderedElementsAreArray(it->second))
          << heading;
    }
  }
}

TEST(FieldsTest, WeHaveAllOfTensorFlowsMessagesButThoseLeftOut) {
  const Table theirs = TensorFlows();
  const Table ours = Ours();
  EXPECT_GT(theirs.size(), 200);
  std::set<std::string> left_out(std::begin(kLeftOut), std::end(kLeftOut));
  std::set<std::string> unused = left_out;
  for (const auto& [heading, lines] : theirs) {
    unused.erase(Outermost(heading));
    EXPECT_NE(ours.count(heading), left_out.count(Outermost(heading)))
        << heading;
  }
  EXPECT_THAT(unused, IsEmpty());
}

}  // namespace
}  // namespace trellis
