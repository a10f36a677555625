#!/bin/bash
# Runs check_includes.py over the tree that this test was built from, and over a
# planted violation, which it must report.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
check=${here}/check_includes.py
root=$(cd "${here}/../.." && pwd)
"${check}" "${root}"

planted=$(mktemp -d)
trap 'rm -rf "${planted}"' EXIT
mkdir -p "${planted}/graph"
echo '#include "trellis/runtime/session.h"' > "${planted}/graph/bad.cc"
found=$("${check}" "${planted}") && { echo "the planted violation passed"; exit 1; }
[[ ${found} == *'graph/bad.cc:1: graph/ may not include'* ]]
