// The flags of a command line.
//
//   --name=value, --name value      a flag with a value
//   --name                          a switch
//   --                              what follows are arguments
//
// A flag may be given several times; where only one value makes sense, the last
// one counts.
#ifndef TRELLIS_TOOLS_TRELLIS_FLAGS_H_
#define TRELLIS_TOOLS_TRELLIS_FLAGS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace trellis {

struct FlagSpec {
  std::string name;   // without the dashes
  std::string value;  // what it takes ("N", "NAME=FILE"); "": a switch
  std::string help;
};

class Flags {
 public:
  // InvalidArgument for a flag that is not in `specs`, a value that is missing,
  // or one given to a switch.
  static absl::StatusOr<Flags> Parse(absl::Span<const std::string> args,
                                     absl::Span<const FlagSpec> specs);

  // What is no flag, in order.
  const std::vector<std::string>& args() const { return args_; }

  bool Has(absl::string_view name) const;
  // The last value, "" if the flag was not given.
  std::string Get(absl::string_view name) const;
  // Every value, in order.
  std::vector<std::string> All(absl::string_view name) const;
  // nullopt if the flag was not given; InvalidArgument for what is no integer
  // or less than `least`.
  absl::StatusOr<std::optional<int64_t>> Int(absl::string_view name,
                                             int64_t least = 0) const;
  // The same with a value for a flag that was not given.
  absl::StatusOr<int64_t> IntOr(absl::string_view name, int64_t otherwise,
                                int64_t least = 0) const;

 private:
  std::vector<std::string> args_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_FLAGS_H_
