#include "trellis/graph/graph_def_wire.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/proto_io.h"

namespace trellis {
namespace {

using ::google::protobuf::internal::WireFormatLite;
using ::google::protobuf::io::CodedInputStream;

struct Field {
  int number;
  // The content of a string or a message; nothing for other kinds of fields.
  std::optional<absl::string_view> value;
  absl::string_view whole;  // with its tag
};

// Calls `visit` with each field of a message. How many bytes are whole fields:
// all, unless the message is damaged.
template <typename Visit>
size_t VisitFields(absl::string_view message, Visit visit) {
  CodedInputStream in(reinterpret_cast<const uint8_t*>(message.data()),
                      static_cast<int>(message.size()));
  size_t begin = 0;
  while (const uint32_t tag = in.ReadTag()) {
    Field field{.number = WireFormatLite::GetTagFieldNumber(tag)};
    if (field.number == 0) break;
    if (WireFormatLite::GetTagWireType(tag) ==
        WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      uint32_t size;
      if (!in.ReadVarint32(&size)) break;
      const size_t at = in.CurrentPosition();
      if (size > message.size() - at) break;
      field.value = message.substr(at, size);
      in.Skip(static_cast<int>(size));
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      break;
    }
    const size_t end = in.CurrentPosition();
    field.whole = message.substr(begin, end - begin);
    visit(field);
    begin = end;
  }
  return begin;
}

}  // namespace

absl::StatusOr<GraphDefParts> SplitGraphDef(absl::string_view bytes) {
  if (bytes.size() > std::numeric_limits<int>::max()) {
    return TooLargeMessage(bytes, "GraphDef");
  }
  GraphDefParts parts;
  std::string rest;
  const size_t whole = VisitFields(bytes, [&](const Field& field) {
    if (field.number == proto::GraphDef::kNodeFieldNumber &&
        field.value.has_value()) {
      parts.nodes.push_back(*field.value);
    } else {
      absl::StrAppend(&rest, field.whole);
    }
  });
  if (whole < bytes.size()) return DamagedMessage(bytes, "GraphDef", whole);
  TRELLIS_RETURN_IF_ERROR(ParseBinaryMessage(rest, "GraphDef", &parts.rest));
  return parts;
}

absl::Status ReadNodeHead(absl::string_view node, NodeHead* head,
                          std::vector<absl::string_view>* inputs) {
  *head = {};
  inputs->clear();
  const size_t whole = VisitFields(node, [&](const Field& field) {
    const int number = field.value.has_value() ? field.number : 0;
    switch (number) {
      case proto::NodeDef::kNameFieldNumber:
        head->name = *field.value;
        break;
      case proto::NodeDef::kOpFieldNumber:
        head->op = *field.value;
        break;
      case proto::NodeDef::kInputFieldNumber:
        inputs->push_back(*field.value);
        break;
      case proto::NodeDef::kAttrFieldNumber:
        ++head->num_attrs;
        [[fallthrough]];
      default:
        if (head->rest.empty()) {
          head->rest = node.substr(field.whole.data() - node.data());
        }
    }
  });
  if (whole < node.size()) return DamagedMessage(node, "NodeDef", whole);
  return absl::OkStatus();
}

}  // namespace trellis
