# Sourced by tools/test and tools/demo: installs what is missing and sets
# bazel_startup and bazel_flags, so that both share one cache.
cache=${TRELLIS_CACHE_DIR:-}
if [[ -z ${cache} ]]; then
  cache=${HOME:-/nonexistent}/.cache/trellis-bazel
  mkdir -p "${cache}" 2>/dev/null && [[ -w ${cache} ]] || cache=/tmp/trellis-bazel-$(id -u)
fi
mkdir -p "${cache}"

tools/install_packages.sh || exit 1

# Bazel does not look at what is in /usr/include, and so does not notice another
# version of a library or a compiler: the versions are part of the cache's name.
stamp=$({
  tools/install_packages.sh --list |
    xargs dpkg-query -W -f '${Package} ${Version}\n' gcc-12 g++-12 libstdc++-12-dev libc6-dev \
      2>/dev/null || true
  "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" --version 2>/dev/null || true
} | sha256sum | cut -c1-12)

export HOME=${HOME:-/tmp}
# The server goes away by itself soon after, so that nothing waits for it.
bazel_startup=(--max_idle_secs=30 "--output_user_root=${cache}/output")
bazel_flags=("--disk_cache=${cache}/disk-${stamp}")
if [[ -n ${TRELLIS_JOBS:-} ]]; then
  bazel_flags+=("--jobs=${TRELLIS_JOBS}" "--local_test_jobs=${TRELLIS_JOBS}")
fi
