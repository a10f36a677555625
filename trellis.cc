#include "trellis/trellis.h"

#include "trellis/kernels/all_cpu.h"
#include "trellis/kernels/all_cuda.h"
#include "trellis/ops/all.h"
#include "trellis/runtime/cuda_device.h"

namespace trellis {

const BuiltinRegistries& Builtin() {
  // Never destroyed: graphs and sessions in static objects may outlive main.
  static const BuiltinRegistries* const kBuiltin = [] {
    auto* builtin = new BuiltinRegistries;
    RegisterAllOps(builtin->ops);
    RegisterAllCpu(builtin->kernels);
    RegisterAllCuda(builtin->kernels);
    RegisterCpuDevices(builtin->devices);
    RegisterCudaDevices(builtin->devices);
    return builtin;
  }();
  return *kBuiltin;
}

Graph NewGraph(GraphOptions options) {
  return Graph(Builtin().ops, std::move(options));
}

absl::StatusOr<std::unique_ptr<Session>> NewSession(Graph& graph,
                                                    SessionOptions options) {
  return Session::Make(graph, {Builtin().kernels, Builtin().devices},
                       std::move(options));
}

}  // namespace trellis
