#include "trellis/tools/trellis/program.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/nearest_names.h"
#include "trellis/tools/trellis/commands.h"
#include "trellis/tools/trellis/table.h"

namespace trellis {
namespace {

std::vector<Command> Commands() {
  return {InspectCommand(), TreeCommand(),   NodesCommand(), ShowCommand(),
          CkptCommand(),    RunCommand(),    BenchCommand(), PlanCommand(),
          PlaceCommand(),   DevicesCommand()};
}

std::vector<FlagSpec> AllFlags(const Command& command) {
  std::vector<FlagSpec> flags = command.flags;
  flags.push_back({"format", "text|json", "how the answer is printed"});
  flags.push_back({"help", "", "print this"});
  return flags;
}

std::string ProgramHelp() {
  std::string help =
      "usage: trellis COMMAND ARGUMENTS [flags]\n"
      "Looks at graphs, models and checkpoints, and runs them.\n\n";
  Table table;
  for (const Command& command : Commands()) {
    table.AddRow({"  " + command.name, command.arguments, command.summary});
  }
  absl::StrAppend(
      &help, table.ToString(), "\n",
      "FILE is a GraphDef or MetaGraphDef (binary or text), a SavedModel's\n"
      "folder, or the prefix of a checkpoint: told apart by content.\n"
      "`trellis COMMAND --help` lists a command's flags. Exit status: 0 done,\n"
      "1 the answer is \"no\" (differences, findings), 2 bad usage or "
      "input.\n");
  return help;
}

std::string CommandHelp(const Command& command) {
  std::string help = absl::StrCat(
      "usage: trellis ", command.name, command.arguments.empty() ? "" : " ",
      command.arguments, " [flags]\n", command.summary, "\n");
  if (!command.details.empty()) absl::StrAppend(&help, "\n", command.details);
  Table table;
  for (const FlagSpec& flag : AllFlags(command)) {
    table.AddRow({absl::StrCat("  --", flag.name, flag.value.empty() ? "" : " ",
                               flag.value),
                  flag.help});
  }
  absl::StrAppend(&help, "\n", table.ToString());
  return help;
}

absl::StatusOr<Command> FindCommand(absl::string_view name) {
  const std::vector<Command> commands = Commands();
  std::vector<absl::string_view> names;
  for (const Command& command : commands) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  return absl::InvalidArgumentError(absl::StrCat("there is no command \"", name,
                                                 "\"", DidYouMean(name, names),
                                                 "; see trellis --help"));
}

absl::Status CheckUsage(const Command& command, const Flags& flags) {
  const std::string format = flags.Get("format");
  if (flags.Has("format") && format != "text" && format != "json") {
    return absl::InvalidArgumentError(
        absl::StrCat("--format is \"", format, "\", must be text or json"));
  }
  if (flags.args().size() < command.min_arguments ||
      flags.args().size() > command.max_arguments) {
    return absl::InvalidArgumentError(
        absl::StrCat(flags.args().size(), " arguments given; usage: trellis ",
                     command.name, " ", command.arguments,
                     " [flags], see trellis ", command.name, " --help"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Answer> Run(const Command& command,
                           absl::Span<const std::string> args,
                           std::ostream& out) {
  const std::vector<FlagSpec> specs = AllFlags(command);
  TRELLIS_ASSIGN_OR_RETURN(const Flags flags, Flags::Parse(args, specs));
  if (flags.Has("help")) {
    out << CommandHelp(command);
    return Answer::kYes;
  }
  TRELLIS_RETURN_IF_ERROR(CheckUsage(command, flags));
  return command.run(flags, out);
}

// Of one line, whatever the names in it hold.
std::string OneLine(absl::string_view message) {
  std::string line(message);
  std::replace_if(
      line.begin(), line.end(),
      [](unsigned char c) { return c < ' ' || c == 127; }, ' ');
  return line;
}

}  // namespace

int RunProgram(absl::Span<const std::string> args, std::ostream& out,
               std::ostream& err) {
  if (args.empty() || args[0] == "--help" || args[0] == "help") {
    (args.empty() ? err : out) << ProgramHelp();
    return args.empty() ? 2 : 0;
  }
  const absl::StatusOr<Command> command = FindCommand(args[0]);
  if (!command.ok()) {
    err << "trellis: " << OneLine(command.status().message()) << "\n";
    return 2;
  }
  const absl::StatusOr<Answer> answer = Run(*command, args.subspan(1), out);
  if (!answer.ok()) {
    err << "trellis " << command->name << ": "
        << OneLine(answer.status().message()) << "\n";
    return 2;
  }
  return *answer == Answer::kYes ? 0 : 1;
}

}  // namespace trellis
