# Opens the HTML reports of the command in a headless Chromium without network: no message on the
# console, no request to any host, every chart drawn, nothing of a scenario's text taken for markup,
# two printed pages at most (plans and forecasts: three). Skipped (77) where there is no Chromium.
#   report_test.sh COMMAND SOURCE_FOLDER
set -eu
command=$1
scenarios=$2/scenarios

browser=""
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then browser=$name; break; fi
done
if [ -z "$browser" ]; then
  echo "skipped: no Chromium is installed, so no report was opened"
  exit 77
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0
fail() { echo "FAILED: $*" >&2; failures=$((failures + 1)); }

# Opens FILE and leaves NAME.dom, NAME.console and NAME.requests in the folder.
open_page() {
  file=$1
  name=$2
  "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --disable-default-apps --disable-extensions --user-data-dir="$folder/profile" \
    --host-resolver-rules="MAP * ~NOTFOUND" --enable-logging=stderr \
    --log-net-log="$folder/$name.net" --virtual-time-budget=10000 --window-size=1100,1400 \
    --dump-dom "file://$file" >"$folder/$name.dom" 2>"$folder/$name.log" || fail "$name: the browser failed"
  grep "CONSOLE" "$folder/$name.log" >"$folder/$name.console" || true
  # Every URL that the page asked the network stack for; what the browser asks for itself (updates,
  # the time) has no origin.
  grep '"initiator"' "$folder/$name.net" | grep -v '"initiator":"not an origin"' |
    grep -oE '"url":"(https?|wss?|ftp)://[^"]*"' | sort -u >"$folder/$name.requests" || true
}

# The checks themselves see a mistake where there is one.
cat >"$folder/bad.html" <<'END'
<!DOCTYPE html><title>bad</title><img src="http://example.org/pixel.png"><script>console.error("seen")</script>
END
open_page "$folder/bad.html" bad
[ -s "$folder/bad.console" ] || fail "an error on the console goes unnoticed"
grep -q example.org "$folder/bad.requests" || fail "a request to a host goes unnoticed"

check_report() {
  name=$1
  file=$folder/$name/report.html
  [ -s "$file" ] || { fail "$name: there is no report.html"; return; }
  open_page "$file" "$name"
  [ ! -s "$folder/$name.console" ] || { fail "$name: messages on the console"; cat "$folder/$name.console" >&2; }
  [ ! -s "$folder/$name.requests" ] || { fail "$name: requests"; cat "$folder/$name.requests" >&2; }
  wanted=$(grep -o '<canvas data-chart=' "$file" | wc -l)
  # Chart.js gives each canvas that it has drawn a size.
  drawn=$(grep -oE '<canvas data-chart="[0-9]+"[^>]* width="[1-9][0-9]*"' "$folder/$name.dom" | wc -l)
  if ! grep -q 'libjs-chart.js' "$file"; then
    [ "$wanted" -ge "$2" ] || fail "$name: $wanted charts, at least $2 are expected"
    [ "$drawn" -eq "$wanted" ] || fail "$name: $drawn of $wanted charts are drawn"
  fi
  ! grep -q 'PWNED' "$folder/$name.dom" || fail "$name: text of the scenario ran as a script"
  "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
    --user-data-dir="$folder/profile" --host-resolver-rules="MAP * ~NOTFOUND" \
    --virtual-time-budget=10000 --no-pdf-header-footer --print-to-pdf="$folder/$name.pdf" \
    "file://$file" >/dev/null 2>&1 || fail "$name: cannot be printed"
  pages=$(grep -aoE '/Type /Page( |$|/)' "$folder/$name.pdf" | wc -l)
  [ "$pages" -ge 1 ] && [ "$pages" -le "$3" ] || fail "$name: $pages printed pages, at most $3 are expected"
  echo "$name: $drawn charts, $pages printed pages"
}

evil='<img src=x onerror="document.body.append(`PW`+`NED`)"></script><script>document.body.append(`PW`+`NED`)</script>'
"$command" simulate "$scenarios/cpu-office-50.json" --samples 4 --timeline "5 min" --quiet \
  --set "description=$evil" -o "$folder/simulate" >/dev/null
check_report simulate 4 2
"$command" compare "$scenarios/cpu-office-50.json" "$scenarios/office-500.json" --samples 2 --quiet \
  --set "description=$evil" -o "$folder/compare" >/dev/null
check_report compare 4 2
cat >"$folder/office.json" <<'END'
{"schema_version": 1, "name": "small-office", "description": "</title><script>document.body.append(`PW`+`NED`)</script>",
 "workloads": [{"name": "chat", "kind": "office_day", "users": 40, "input": {"kind": "fixed", "mean": 600}, "output": {"kind": "fixed", "mean": 100}}],
 "sites": [{"name": "office", "electricity_price": "0.14 USD/kWh", "racks": [{"name": "rack", "servers": [{"name": "servers", "type": "gpu-pcie-1x-l4"}]}]}],
 "pools": [{"name": "chat", "model": "qwen3-8b", "servers": "servers"}],
 "slo": {"ttft": "2 s", "tpot": "80 ms"},
 "choices": {"servers": ["gpu-pcie-1x-l4", "gpu-pcie-1x-l40s", "workstation-1x-rtx-4090"], "models": ["qwen3-8b"], "max_servers": 2}}
END
"$command" plan "$folder/office.json" --draws 3 --quiet -o "$folder/plan" >/dev/null
check_report plan 3 3
"$command" forecast "$scenarios/cpu-office-50.json" --set "forecast.draws=20" --quiet \
  --set "description=$evil" -o "$folder/forecast" >/dev/null
check_report forecast 6 3

[ "$failures" -eq 0 ]
