// Prints what is generated from op schemas:
//
//   gen_ops header FAMILY    trellis/ops/FAMILY_ops.h
//   gen_ops source FAMILY    trellis/ops/FAMILY_ops.cc
//   gen_ops docs             docs/ops.md
//
// Exit status 0, or 2 with one line on stderr.
#include <cstdio>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "trellis/ops/all.h"
#include "trellis/tools/gen_ops/op_docs.h"
#include "trellis/tools/gen_ops/op_wrappers.h"

namespace trellis {
namespace {

absl::StatusOr<std::string> Wrappers(absl::string_view kind,
                                     absl::string_view name) {
  for (const OpFamily& family : OpFamilies()) {
    if (family.name != name) continue;
    OpRegistry registry;
    family.add(registry);
    const WrapperPlace place = {.family = std::string(name)};
    return kind == "header" ? WrapperHeader(registry, place)
                            : WrapperSource(registry, place);
  }
  return absl::NotFoundError(absl::StrCat("ops/all.cc lists no family ", name));
}

absl::StatusOr<std::string> Generate(absl::Span<char* const> args) {
  const std::string kind = args.empty() ? "" : args[0];
  if (kind == "docs" && args.size() == 1) return OpsPage(OpFamilies());
  if ((kind == "header" || kind == "source") && args.size() == 2) {
    return Wrappers(kind, args[1]);
  }
  return absl::InvalidArgumentError(
      "usage: gen_ops header FAMILY | source FAMILY | docs");
}

}  // namespace
}  // namespace trellis

int main(int argc, char** argv) {
  const absl::StatusOr<std::string> text = trellis::Generate(
      absl::MakeSpan(argv + 1, static_cast<size_t>(argc - 1)));
  if (!text.ok()) {
    std::fprintf(stderr, "gen_ops: %s\n",
                 std::string(text.status().message()).c_str());
    return 2;
  }
  return std::fwrite(text->data(), 1, text->size(), stdout) == text->size() &&
                 std::fflush(stdout) == 0
             ? 0
             : 2;
}
