#!/bin/bash
# Which targets tools/test gives to Bazel; here a script that says what it is given.
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "${work}"' EXIT
mkdir -p "${work}/tree/tools" "${work}/bin" "${work}/base/external/local_cuda"
cp tools/test "${work}/tree/tools/test"
printf 'bazel_startup=()\nbazel_flags=()\n' > "${work}/tree/tools/bazel_env.sh"
printf '#!/bin/bash\necho "1 passed, 0 failed"\n' > "${work}/tree/tools/test_summary.py"
cat > "${work}/bin/bazel" <<SCRIPT
#!/bin/bash
case \$1 in
  test) echo "bazel \${*:2}" ;;
  info) echo "${work}/base" ;;
esac
SCRIPT
echo 'CUDA kernels: skipped' > "${work}/base/external/local_cuda/summary.txt"
chmod +x "${work}/bin/bazel" "${work}/tree/tools/"*

failed=0
# expect "FLAGS AND TARGETS" ARGUMENT...: what Bazel is to be given for these arguments.
expect() {
  local expected="bazel --config=ci --build_event_json_file=ci-out/optimized.json $1
CUDA kernels: skipped
1 passed, 0 failed"
  local output
  output=$(PATH="${work}/bin:${PATH}" TRELLIS_SANITIZERS= "${work}/tree/tools/test" "${@:2}")
  [[ ${output} == "${expected}" ]] && return
  failed=1
  printf '%s\ngave\n%s\n' "${*:2}" "${output}"
}
expect '//...'
expect '--config=dbg //...' --config=dbg
expect '-c dbg //...' -c dbg
expect '//tests/io/...' //tests/io/...
expect '--test_filter=A tests/io:path_test' --test_filter=A tests/io:path_test
expect 'tests/io/...' tests/io/...
expect '-- //... -//tests/fuzz/...' -- //... -//tests/fuzz/...
exit "${failed}"
