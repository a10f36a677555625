// Text in columns, and numbers as people read them.
#ifndef TRELLIS_TOOLS_TRELLIS_TABLE_H_
#define TRELLIS_TOOLS_TRELLIS_TABLE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace trellis {

// Rows of cells, each column as wide as its widest cell. A cell that begins as
// a number does is set to the right.
class Table {
 public:
  void AddRow(std::vector<std::string> cells) {
    rows_.push_back(std::move(cells));
  }
  bool empty() const { return rows_.empty(); }
  // One line per row, two spaces between columns, none at the end.
  std::string ToString() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "15 B", "1.5 KiB", "3.2 MiB".
std::string BytesText(int64_t bytes);
// "12 ", "1.5 k", "3.2 M": to be followed by a unit.
std::string CountText(int64_t count);
// "%.6g".
std::string NumberText(double value);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_TABLE_H_
