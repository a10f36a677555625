#!/bin/bash
# Plants the faults of faults.txt, one at a time, in a worktree of the current
# commit, and runs the test that must notice each:
#
#   tests/faults/check_faults.sh              all of them
#   tests/faults/check_faults.sh 3 17 20-25   these
#   TRELLIS_FAULTS_TREE=DIR tests/faults/check_faults.sh
#                                             in DIR, which is made if need be
#                                             and kept: the next call is faster
#
# Prints a line for each, "caught", "SURVIVED" or "DOES NOT BUILD", and as the
# last line "N of M caught". Exits with 0 if all were caught. A fault costs the
# build of the file that it is in and of one test: 10 to 30 s.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$(git -C "${here}" rev-parse --show-toplevel)
list=${here}/faults.txt

numbers=()
for argument in "${@:-1-$("${here}/faults.py" "${list}" list | wc -l)}"; do
  mapfile -t -O "${#numbers[@]}" numbers < <(seq "${argument%-*}" "${argument#*-}")
done

tree=${TRELLIS_FAULTS_TREE:-}
if [[ -z ${tree} ]]; then
  tree=$(mktemp -d)/trellis
  trap 'cd /; bazel_in_tree clean --expunge; git -C "${root}" worktree remove --force "${tree}"' EXIT
fi
bazel_in_tree() { (cd "${tree}" && nice bazel "$@" > "${tree}.log" 2>&1); }

if [[ -e ${tree}/.git ]]; then
  git -C "${tree}" checkout -q --detach "$(git -C "${root}" rev-parse HEAD)"
else
  git -C "${root}" worktree add -q --detach "${tree}" HEAD
fi
[[ ! -e ${root}/user.bazelrc ]] || cp "${root}/user.bazelrc" "${tree}"

# Without a fault every test passes, or its failures would prove nothing.
tests=()
while IFS=$'\t' read -r number test name; do
  [[ " ${numbers[*]} " != *" ${number} "* ]] || tests+=("${test}")
done < <("${here}/faults.py" "${list}" list)
if ! bazel_in_tree test --keep_going "${tests[@]}"; then
  cat "${tree}.log"
  echo "the tests fail without a fault, too"
  exit 1
fi

caught=0
while IFS=$'\t' read -r number test name <&3; do
  [[ " ${numbers[*]} " == *" ${number} "* ]] || continue
  "${here}/faults.py" "${list}" plant "${number}" "${tree}"
  if ! bazel_in_tree build "${test}"; then
    verdict="DOES NOT BUILD"
  elif bazel_in_tree test "${test}"; then
    verdict="SURVIVED"
  else
    verdict="caught"
    caught=$((caught + 1))
  fi
  git -C "${tree}" checkout -q .
  printf '%2d  %-14s  %-42s  %s\n' "${number}" "${verdict}" "${test}" "${name}"
done 3< <("${here}/faults.py" "${list}" list)
echo "${caught} of ${#numbers[@]} caught"
[[ ${caught} -eq ${#numbers[@]} ]]
