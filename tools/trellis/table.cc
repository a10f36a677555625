#include "trellis/tools/trellis/table.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace trellis {
namespace {

bool LooksLikeNumber(const std::string& cell) {
  if (cell.empty()) return false;
  const size_t first = cell[0] == '-' ? 1 : 0;
  return first < cell.size() &&
         std::isdigit(static_cast<unsigned char>(cell[first])) != 0;
}

std::string Scaled(double value, double step,
                   const std::vector<const char*>& units) {
  size_t unit = 0;
  while (value >= step && unit + 1 < units.size()) {
    value /= step;
    ++unit;
  }
  return unit == 0 ? absl::StrFormat("%.0f%s", value, units[0])
                   : absl::StrFormat("%.1f %s", value, units[unit]);
}

}  // namespace

std::string Table::ToString() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    if (widths.size() < row.size()) widths.resize(row.size());
    for (size_t c = 0; c < row.size(); ++c) {
      widths[c] = std::max(widths[c], row[c].size());
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string padding(widths[c] - row[c].size(), ' ');
      absl::StrAppend(&line, c == 0 ? "" : "  ");
      if (LooksLikeNumber(row[c])) {
        absl::StrAppend(&line, padding, row[c]);
      } else {
        absl::StrAppend(&line, row[c], padding);
      }
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

std::string BytesText(int64_t bytes) {
  return Scaled(static_cast<double>(bytes), 1024,
                {" B", "KiB", "MiB", "GiB", "TiB"});
}

std::string CountText(int64_t count) {
  return Scaled(static_cast<double>(count), 1000, {" ", "k", "M", "G", "T"});
}

std::string NumberText(double value) { return absl::StrFormat("%.6g", value); }

}  // namespace trellis
