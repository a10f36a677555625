#!/bin/bash
# Installs what Debian 12 lacks for a build; does nothing where nothing is missing.
#
#   tools/install_packages.sh          what //... needs
#   tools/install_packages.sh --all    and the fuzzer, clang-tidy
#   tools/install_packages.sh --list   prints the names instead
set -euo pipefail
packages=(
  bazel-bootstrap g++
  libabsl-dev libprotobuf-dev protobuf-compiler libsnappy-dev zlib1g-dev
  libgtest-dev libgmock-dev libbenchmark-dev
)
optional=(
  clang-19 libclang-rt-19-dev lld-19 llvm-19 clang-tidy-19 clang-format
)
if [[ ${1:-} == --list ]]; then printf '%s\n' "${packages[@]}" "${optional[@]}"; exit; fi
[[ ${1:-} == --all ]] && packages+=("${optional[@]}")

missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f '${db:Status-Status}' "${package}" 2>/dev/null) == installed ]] ||
    missing+=("${package}")
done
(( ${#missing[@]} )) || exit 0
echo "installing: ${missing[*]}"
as_root=()
(( $(id -u) == 0 )) || as_root=(sudo)
wait=(-o DPkg::Lock::Timeout=300)
"${as_root[@]}" apt-get "${wait[@]}" -qq update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get "${wait[@]}" -y -qq --no-install-recommends install "${missing[@]}" >/dev/null
