#include "trellis/tools/gpu_check/program_report.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace trellis {
namespace {

std::string RowName(absl::string_view program, absl::string_view name) {
  return absl::StrCat(program, " ", name);
}

// The milliseconds of "... (12 ms)".
double Seconds(absl::string_view line) {
  const size_t open = line.rfind('(');
  double milliseconds = 0;
  if (open == line.npos || !absl::ConsumeSuffix(&line, " ms)") ||
      !absl::SimpleAtod(line.substr(open + 1), &milliseconds)) {
    return 0;
  }
  return milliseconds / 1e3;
}

// Adds a row for the program itself where its rows do not show what went wrong.
void AddEnd(absl::string_view program, const ChildResult& result,
            std::vector<ReportRow>* rows) {
  const bool shown = std::any_of(
      rows->begin(), rows->end(),
      [](const ReportRow& row) { return row.outcome == Outcome::kFailed; });
  if (shown || (result.ended.empty() && !rows->empty())) return;
  rows->push_back(
      {.name = std::string(program),
       .outcome = Outcome::kFailed,
       .seconds = result.seconds,
       .figure = result.ended.empty() ? "ran nothing" : result.ended});
}

// "1.25 T" of 1.25e12.
std::string Scaled(double value) {
  constexpr absl::string_view kPrefixes[] = {"", "k", "M", "G", "T", "P"};
  size_t prefix = 0;
  for (; value >= 1000 && prefix + 1 < std::size(kPrefixes); ++prefix) {
    value /= 1000;
  }
  return absl::StrFormat("%.4g %s", value, kPrefixes[prefix]);
}

// The fields of one benchmark, as text without quotes.
using Fields = std::map<std::string, std::string>;

double Number(const Fields& fields, const std::string& name) {
  const auto it = fields.find(name);
  double value = 0;
  return it != fields.end() && absl::SimpleAtod(it->second, &value) ? value : 0;
}

double SecondsPerIteration(const Fields& fields) {
  const std::map<std::string, double> units = {
      {"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
  const auto unit = fields.find("time_unit");
  const auto scale =
      unit == fields.end() ? units.end() : units.find(unit->second);
  return scale == units.end() ? 0 : scale->second * Number(fields, "real_time");
}

std::string Figure(const Fields& fields) {
  for (const auto& [field, unit] :
       {std::pair("FLOP/s", "FLOP/s"), std::pair("bytes_per_second", "B/s"),
        std::pair("items_per_second", "items/s")}) {
    if (const double value = Number(fields, field); value > 0) {
      return absl::StrCat(Scaled(value), unit);
    }
  }
  return absl::StrFormat("%.4g us", 1e6 * SecondsPerIteration(fields));
}

ReportRow RowOf(absl::string_view program, const Fields& fields) {
  ReportRow row = {.name = RowName(program, fields.at("name"))};
  if (fields.contains("error_occurred")) {
    const auto message = fields.find("error_message");
    row.figure = message == fields.end() ? "failed" : message->second;
    return row;
  }
  row.outcome = Outcome::kPassed;
  row.seconds = Number(fields, "iterations") * SecondsPerIteration(fields);
  row.figure = Figure(fields);
  return row;
}

}  // namespace

std::vector<ReportRow> ReadTestReport(absl::string_view program,
                                      const ChildResult& result) {
  std::vector<ReportRow> rows;
  std::string running, figure, reason;
  bool reason_follows = false;
  const auto finish = [&](Outcome outcome, double seconds) {
    if (outcome != Outcome::kPassed) figure = reason;
    rows.push_back({RowName(program, running), outcome, seconds, figure});
    running.clear();
  };
  for (absl::string_view line : absl::StrSplit(result.output, '\n')) {
    const absl::string_view whole = line;
    if (absl::ConsumePrefix(&line, "[ RUN      ] ")) {
      running = std::string(line);
      figure.clear();
      reason.clear();
    } else if (running.empty()) {
      continue;  // the summary repeats what failed
    } else if (absl::StartsWith(line, "[       OK ] ")) {
      finish(Outcome::kPassed, Seconds(line));
    } else if (absl::StartsWith(line, "[  SKIPPED ] ")) {
      finish(Outcome::kSkipped, Seconds(line));
    } else if (absl::StartsWith(line, "[  FAILED  ] ")) {
      finish(Outcome::kFailed, Seconds(line));
    } else if (absl::ConsumePrefix(&line, "figure: ")) {
      figure = std::string(line);
    } else if (absl::EndsWith(whole, ": Skipped") ||
               absl::EndsWith(whole, ": Failure")) {
      reason_follows = reason.empty();
      continue;
    } else if (reason_follows) {
      reason = std::string(absl::StripAsciiWhitespace(line));
    }
    reason_follows = false;
  }
  if (!running.empty()) {
    reason = result.ended.empty() ? "ended in the middle" : result.ended;
    finish(Outcome::kFailed, 0);
  }
  AddEnd(program, result, &rows);
  return rows;
}

// Google Benchmark writes one field a line, each benchmark's name first.
std::vector<ReportRow> ReadBenchmarkReport(absl::string_view program,
                                           const ChildResult& result) {
  std::vector<ReportRow> rows;
  Fields fields;
  bool in_benchmarks = false;
  for (absl::string_view line : absl::StrSplit(result.output, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    absl::ConsumeSuffix(&line, ",");
    if (absl::StartsWith(line, "\"benchmarks\":")) in_benchmarks = true;
    if (!in_benchmarks) continue;
    if (line == "}" && fields.contains("name")) {
      rows.push_back(RowOf(program, fields));
      fields.clear();
    }
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits("\": ", 1));
    absl::string_view name = field.first, value = field.second;
    if (!absl::ConsumePrefix(&name, "\"") || value.empty()) continue;
    absl::ConsumePrefix(&value, "\"");
    absl::ConsumeSuffix(&value, "\"");
    fields[std::string(name)] = std::string(value);
  }
  AddEnd(program, result, &rows);
  return rows;
}

}  // namespace trellis
