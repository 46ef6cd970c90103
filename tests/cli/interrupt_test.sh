#!/bin/sh
# Ctrl-C while the command still reads its input: a line on stderr, exit code 130, no file.
#   interrupt_test.sh COMMAND
set -u
command=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkfifo trace.csv  # nobody writes into it: the command waits
timeout --preserve-status --signal=INT 2 "$command" trace convert trace.csv to.csv >out 2>err
code=$?
if [ "$code" -ne 130 ] || [ -s out ] || ! grep -q "^error: interrupted" err || ls | grep -q "^to.csv"; then
  echo "exit code $code, files:"
  ls
  cat out err
  exit 1
fi
