#include "trellis/io/model_file.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/checkpoint_state.h"
#include "trellis/io/coding.h"
#include "trellis/io/path.h"
#include "trellis/io/sorted_table.h"

namespace trellis {
namespace {

// Enough of a message, or of one of its fields, to tell what it is.
constexpr size_t kHeadBytes = 4096;
constexpr int kFieldsToLookAt = 16;

enum WireType { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct FieldHead {
  uint64_t number;
  int type;
  uint64_t size;           // of kBytes
  absl::string_view head;  // the first of these bytes
};

// Takes a field's tag, and value or length, off the front of `in`.
bool ConsumeField(absl::string_view* in, FieldHead* field) {
  uint64_t tag, value;
  if (!ConsumeVarint64(in, &tag) || tag >> 3 == 0) return false;
  field->number = tag >> 3;
  field->type = tag & 7;
  field->size = 0;
  const size_t fixed = field->type == kFixed64   ? 8
                       : field->type == kFixed32 ? 4
                                                 : 0;
  if (fixed > 0) {
    if (in->size() < fixed) return false;
    in->remove_prefix(fixed);
    return true;
  }
  if (field->type != kVarint && field->type != kBytes) return false;
  if (!ConsumeVarint64(in, &value)) return false;
  if (field->type == kBytes) field->size = value;
  field->head = in->substr(0, field->size);
  return true;
}

bool ConsumeString(absl::string_view* in, uint64_t number,
                   absl::string_view* text) {
  FieldHead field;
  if (!ConsumeField(in, &field) || field.number != number ||
      field.type != kBytes || field.head.size() != field.size) {
    return false;
  }
  *text = field.head;
  in->remove_prefix(field.size);
  return true;
}

// The first two fields of a NodeDef, name and op, are words. No other message
// that may stand in its place has those.
bool LooksLikeNode(absl::string_view bytes) {
  const auto is_word = [](absl::string_view text, absl::string_view more) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
      return absl::ascii_isalnum(c) || absl::StrContains(more, c);
    });
  };
  absl::string_view name, op;
  return ConsumeString(&bytes, 1, &name) && is_word(name, "_.-/\\>") &&
         ConsumeString(&bytes, 2, &op) && is_word(op, "_>");
}

// The kind that a message's field at the top level stands for, if it does for
// one alone.
std::optional<ModelKind> KindOfField(const FieldHead& field) {
  const bool is_message = field.type == kBytes;
  FieldHead inner;
  absl::string_view head = field.head;
  switch (field.number) {
    case 1:  // GraphDef.node, MetaGraphDef.meta_info_def, SavedModel's version
      if (field.type == kVarint) return ModelKind::kSavedModel;
      if (!is_message || field.size == 0) return std::nullopt;
      return LooksLikeNode(field.head) ? ModelKind::kGraphDef
                                       : ModelKind::kMetaGraph;
    case 2:  // GraphDef.library, MetaGraphDef.graph_def
      if (!is_message || !ConsumeField(&head, &inner)) return std::nullopt;
      return inner.number == 1 && !LooksLikeNode(inner.head)
                 ? ModelKind::kGraphDef
                 : ModelKind::kMetaGraph;
    case 3:  // GraphDef.version, MetaGraphDef.saver_def
      return is_message ? ModelKind::kMetaGraph : ModelKind::kGraphDef;
    case 4:  // GraphDef.versions, an entry of MetaGraphDef.collection_def
      if (!is_message || !ConsumeField(&head, &inner)) return std::nullopt;
      return inner.type == kBytes && inner.number == 1 ? ModelKind::kMetaGraph
                                                       : ModelKind::kGraphDef;
    default:
      return std::nullopt;
  }
}

absl::StatusOr<std::string> ReadHead(const ReadableFile& file,
                                     uint64_t offset) {
  std::string head(kHeadBytes, '\0');
  TRELLIS_ASSIGN_OR_RETURN(const int64_t n,
                           file.Read(offset, absl::MakeSpan(head)));
  head.resize(n);
  return head;
}

// nullopt if it is no message of a known kind.
absl::StatusOr<std::optional<ModelKind>> KindOfMessage(
    const ReadableFile& file) {
  const uint64_t size = file.size();
  uint64_t offset = 0;
  std::optional<ModelKind> kind;
  for (int i = 0; i < kFieldsToLookAt && offset < size; ++i) {
    TRELLIS_ASSIGN_OR_RETURN(const std::string head, ReadHead(file, offset));
    absl::string_view rest = head;
    FieldHead field;
    if (!ConsumeField(&rest, &field)) return std::nullopt;
    offset += head.size() - rest.size();
    if (field.size > size - std::min(offset, size)) return std::nullopt;
    offset += field.size;
    // The largest number is GraphDef's, MetaGraphDef's or SavedModel's.
    if (field.number > 7) return std::nullopt;
    if (!kind.has_value()) kind = KindOfField(field);
  }
  return kind;
}

// The kind of a text by the first field it sets; nullopt if it is none.
std::optional<ModelKind> KindOfText(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  while (absl::ConsumePrefix(&text, "#")) {
    text.remove_prefix(std::min(text.find('\n'), text.size()));
    text = absl::StripLeadingAsciiWhitespace(text);
  }
  const size_t end =
      std::find_if(text.begin(), text.end(),
                   [](char c) { return !absl::ascii_isalpha(c) && c != '_'; }) -
      text.begin();
  const absl::string_view word = text.substr(0, end);
  text = absl::StripLeadingAsciiWhitespace(text.substr(end));
  if (text.empty() || !absl::StrContains(":{<", text.front())) {
    return std::nullopt;
  }
  static constexpr std::pair<absl::string_view, ModelKind> kFirstFields[] = {
      {"node", ModelKind::kGraphDefText},
      {"library", ModelKind::kGraphDefText},
      {"version", ModelKind::kGraphDefText},
      {"versions", ModelKind::kGraphDefText},
      {"meta_info_def", ModelKind::kMetaGraphText},
      {"graph_def", ModelKind::kMetaGraphText},
      {"saver_def", ModelKind::kMetaGraphText},
      {"collection_def", ModelKind::kMetaGraphText},
      {"signature_def", ModelKind::kMetaGraphText},
      {"asset_file_def", ModelKind::kMetaGraphText},
      {"saved_model_schema_version", ModelKind::kSavedModelText},
      {"meta_graphs", ModelKind::kSavedModelText}};
  for (const auto& [field, kind] : kFirstFields) {
    if (word == field) return kind;
  }
  return std::nullopt;
}

// Whether a sorted table is the index of a bundle, rather than a V1
// checkpoint: by the type of the first field of what the key "" has.
absl::StatusOr<bool> IsBundleIndex(std::unique_ptr<ReadableFile> file) {
  TRELLIS_ASSIGN_OR_RETURN(const auto table,
                           SortedTable::Open(std::move(file)));
  TRELLIS_ASSIGN_OR_RETURN(const std::string header, table->Get(""));
  absl::string_view rest = header;
  FieldHead field;
  return !ConsumeField(&rest, &field) || field.number != 1 ||
         field.type == kVarint;
}

absl::Status NoModel(absl::string_view path, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(path,
                   ": is no GraphDef, MetaGraphDef, SavedModel or "
                   "checkpoint: ",
                   why));
}

// The prefix of "prefix.data-00000-of-00001"; empty for other names.
absl::string_view PrefixOfDataFile(absl::string_view path) {
  const size_t at = path.rfind(".data-");
  if (at == absl::string_view::npos || path.size() - at != 20) return "";
  return path.substr(0, at);
}

absl::StatusOr<ModelFile> KindOfFile(FileSystem& files,
                                     absl::string_view path) {
  // A data file may hold any bytes.
  if (const absl::string_view prefix = PrefixOfDataFile(path);
      !prefix.empty()) {
    TRELLIS_ASSIGN_OR_RETURN(const bool has_index,
                             files.Exists(absl::StrCat(prefix, ".index")));
    if (has_index)
      return ModelFile{ModelKind::kCheckpoint, std::string(prefix)};
  }
  TRELLIS_ASSIGN_OR_RETURN(auto file, files.NewReadableFile(path));
  if (SortedTable::HasMagic(*file)) {
    TRELLIS_ASSIGN_OR_RETURN(const bool is_index,
                             IsBundleIndex(std::move(file)));
    if (!is_index)
      return ModelFile{ModelKind::kCheckpointV1, std::string(path)};
    if (!absl::ConsumeSuffix(&path, ".index")) {
      return NoModel(path, "an index of a checkpoint must be named .index");
    }
    return ModelFile{ModelKind::kCheckpoint, std::string(path)};
  }
  TRELLIS_ASSIGN_OR_RETURN(const std::string head, ReadHead(*file, 0));
  std::optional<ModelKind> kind = KindOfText(head);
  if (!kind.has_value()) {
    TRELLIS_ASSIGN_OR_RETURN(kind, KindOfMessage(*file));
  }
  if (!kind.has_value()) {
    return NoModel(path, file->size() == 0 ? "the file is empty"
                                           : "its first fields are of none");
  }
  return ModelFile{*kind, std::string(path)};
}

absl::StatusOr<ModelFile> KindOfFolder(FileSystem& files,
                                       absl::string_view path) {
  for (const absl::string_view name : {"saved_model.pb", "saved_model.pbtxt"}) {
    const std::string file = JoinPath(path, name);
    TRELLIS_ASSIGN_OR_RETURN(const bool exists, files.Exists(file));
    if (exists) return KindOfFile(files, file);
  }
  const std::string split = JoinPath(path, "saved_model.cpb");
  TRELLIS_ASSIGN_OR_RETURN(const bool is_split, files.Exists(split));
  if (is_split) {
    return absl::UnimplementedError(
        absl::StrCat(split, ": split SavedModels cannot be read"));
  }
  TRELLIS_ASSIGN_OR_RETURN(const auto latest, LatestCheckpoint(files, path));
  if (latest.has_value()) {
    TRELLIS_ASSIGN_OR_RETURN(const bool is_v2,
                             files.Exists(absl::StrCat(*latest, ".index")));
    return ModelFile{is_v2 ? ModelKind::kCheckpoint : ModelKind::kCheckpointV1,
                     *latest};
  }
  return NoModel(path,
                 "the folder has no saved_model.pb and no state file of "
                 "checkpoints");
}

}  // namespace

absl::string_view ModelKindName(ModelKind kind) {
  switch (kind) {
    case ModelKind::kGraphDef:
      return "graph_def";
    case ModelKind::kGraphDefText:
      return "graph_def_text";
    case ModelKind::kMetaGraph:
      return "meta_graph";
    case ModelKind::kMetaGraphText:
      return "meta_graph_text";
    case ModelKind::kSavedModel:
      return "saved_model";
    case ModelKind::kSavedModelText:
      return "saved_model_text";
    case ModelKind::kCheckpoint:
      return "checkpoint";
    case ModelKind::kCheckpointV1:
      return "checkpoint_v1";
  }
  return "unknown";
}

absl::StatusOr<ModelFile> FindModelFile(FileSystem& files,
                                        absl::string_view path) {
  const auto info = files.Info(path);
  if (info.ok()) {
    return info->is_directory ? KindOfFolder(files, path)
                              : KindOfFile(files, path);
  }
  if (!absl::IsNotFound(info.status())) return info.status();
  TRELLIS_ASSIGN_OR_RETURN(const bool is_v2,
                           files.Exists(absl::StrCat(path, ".index")));
  if (is_v2) return ModelFile{ModelKind::kCheckpoint, std::string(path)};
  TRELLIS_ASSIGN_OR_RETURN(const bool is_v1, CheckpointExists(files, path));
  if (is_v1) return ModelFile{ModelKind::kCheckpointV1, std::string(path)};
  return absl::NotFoundError(absl::StrCat(
      path, ": no such file or folder, nor a checkpoint of this prefix"));
}

}  // namespace trellis
