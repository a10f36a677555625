// The line of C++ that made a node: 12 bytes instead of std::source_location's
// pointer to a record.
#ifndef TRELLIS_GRAPH_SOURCE_LOCATION_H_
#define TRELLIS_GRAPH_SOURCE_LOCATION_H_

#include <cstdint>
#include <source_location>
#include <string>

namespace trellis {

struct SourceLocation {
  const char* file = nullptr;  // static storage; null: unknown (imported)
  uint32_t line = 0;

  SourceLocation() = default;
  // Implicit, so that `SourceLocation where = std::source_location::current()`
  // works as a default argument.
  SourceLocation(const std::source_location& s)
      : file(s.file_name()), line(s.line()) {}

  // "model.cc:42", the file without its directories; "" if unknown.
  std::string ToString() const;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_SOURCE_LOCATION_H_
