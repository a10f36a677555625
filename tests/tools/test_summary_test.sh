#!/bin/bash
# tools/test_summary.py on build events as Bazel writes them.
set -uo pipefail
summary=tools/test_summary.py
work=$(mktemp -d)
trap 'rm -rf "${work}"' EXIT

failed=0
# expect NAME EXIT_STATUS LINES: what the events of this name give.
expect() {
  local output status
  output=$(python3 "${summary}" "${work}/$1.json")
  status=$?
  [[ ${status} == "$2" && ${output} == "$3" ]] && return
  failed=1
  printf '%s: exit status %s\n%s\nexpected %s\n%s\n' "$1" "${status}" "${output}" "$2" "$3"
}

# xml NAME [TESTCASE_ELEMENT...]
xml() {
  printf '<testsuites><testsuite>%s</testsuite></testsuites>' "${*:2}" > "${work}/$1.xml"
}
xml gtest '<testcase name="A" classname="X" status="run" result="completed"/>' \
  '<testcase name="B" classname="X" status="run" result="skipped"><skipped/></testcase>'
xml broken '<testcase name="A" classname="X"><failure message="no"/></testcase>'
xml script '<testcase name="tests/script" status="run"></testcase>'
xml empty

# ran LABEL XML [STATUS [SHARD]]: a test's target and its result.
ran() {
  echo "{\"id\":{\"targetConfigured\":{\"label\":\"$1\"}},\"configured\":{\"testSize\":\"SMALL\"}}"
  echo "{\"id\":{\"testResult\":{\"label\":\"$1\",\"shard\":${4:-1},\"run\":1}},\"testResult\":{\"status\":\"${3:-PASSED}\",\"testActionOutput\":[{\"name\":\"test.xml\",\"uri\":\"file://${work}/$2.xml\"}]}}"
}
finished() {
  echo "{\"id\":{\"buildFinished\":{}},\"finished\":{\"exitCode\":{\"name\":\"$2\",\"code\":$1}}}"
}

{ ran //a gtest; ran //b script; finished 0 SUCCESS; } > "${work}/passing.json"
expect passing 0 '2 passed, 0 failed, 1 skipped'

{ ran //a gtest; ran //b broken FAILED; finished 3 TESTS_FAILED; } > "${work}/failing.json"
expect failing 1 'FAILED: //b X.A [failing]
1 passed, 1 failed, 1 skipped'

{ ran //a gtest; ran //b empty; finished 0 SUCCESS; } > "${work}/caseless.json"
expect caseless 1 'FAILED: //b (no test cases) [caseless]
1 passed, 1 failed, 1 skipped'

{ ran //a script; ran //b empty TIMEOUT; finished 3 TESTS_FAILED; } > "${work}/timeout.json"
expect timeout 1 'FAILED: //b (TIMEOUT) [timeout]
1 passed, 1 failed'

{ ran //a gtest PASSED 1; ran //a empty PASSED 2; finished 0 SUCCESS; } > "${work}/shards.json"
expect shards 0 '1 passed, 0 failed, 1 skipped'

{
  echo '{"id":{"optionsParsed":{}},"optionsParsed":{"explicitCmdLine":["--test_filter=A"]}}'
  ran //a gtest; ran //b empty; finished 0 SUCCESS
} > "${work}/filtered.json"
expect filtered 0 '1 passed, 0 failed, 1 skipped'

{ ran //a empty; finished 0 SUCCESS; } > "${work}/nothing.json"
expect nothing 1 'FAILED: //a (no test cases) [nothing]
0 passed, 1 failed'

exit "${failed}"
