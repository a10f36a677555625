// Every command of the program, each in the file of its name.
#ifndef TRELLIS_TOOLS_TRELLIS_COMMANDS_H_
#define TRELLIS_TOOLS_TRELLIS_COMMANDS_H_

#include "trellis/tools/trellis/command.h"

namespace trellis {

Command InspectCommand();
Command TreeCommand();
Command NodesCommand();
Command ShowCommand();
Command CkptCommand();
Command RunCommand();
Command BenchCommand();
Command PlanCommand();
Command PlaceCommand();
Command DevicesCommand();

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_COMMANDS_H_
