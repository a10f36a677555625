#!/bin/bash
# Every fault of faults.txt can still be planted in the tree that this test was
# built from; whether tests notice them is what check_faults.sh says.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
"${here}/faults.py" "${here}/faults.txt" check "${here}/../.."
