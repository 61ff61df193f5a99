#!/bin/bash
# The report in a real browser: that it holds what it says, that nothing is refused by its own
# policy, and that nothing is asked of any network.
#
#   tests/browser/run.sh target/debug/oddsock [FOLDER]
#
# Needs chromium. With FOLDER, pictures of it are left there: wide and narrow, light and dark.
# Exit status: 0 where all holds, 1 where something does not, 77 where there is no chromium.
set -euo pipefail
cd "$(dirname "$0")/../.."

oddsock=${1:?which oddsock}
pictures=${2:-}
browser=$(command -v chromium || command -v chromium-browser || true)
[ -n "$browser" ] || { echo "there is no chromium"; exit 77; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "FAILED: $*"; exit 1; }

# Nothing is reachable, and what is tried all the same is in the log of the network.
open_in_browser() {
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars \
    --disable-background-networking --disable-component-update --disable-sync \
    --user-data-dir="$scratch/profile" --host-resolver-rules="MAP * ~NOTFOUND" \
    --log-net-log="$scratch/net.json" --enable-logging=stderr --v=0 "$@" 2> "$scratch/said"
}

python3 tests/browser/log.py > "$scratch/audit.log"
"$oddsock" report -o "$scratch/report.html" "$scratch/audit.log" 2> "$scratch/account" \
  || fail "no report: $(cat "$scratch/account")"

open_in_browser --dump-dom "file://$scratch/report.html" > "$scratch/dom.html"
python3 tests/browser/check.py "$scratch/report.html" "$scratch/dom.html" "$scratch/net.json" \
  "$scratch/said"

# The neighbour that must not pass: a script of a report that was tampered with does not run, and
# the browser says so.
sed 's|</main>|<script>document.title = "owned"</script><img src="http://192.0.2.1/x"></main>|' \
  "$scratch/report.html" > "$scratch/tampered.html"
open_in_browser --dump-dom "file://$scratch/tampered.html" > "$scratch/dom.html"
grep -q '<title>owned' "$scratch/dom.html" && fail "a script ran"
grep -q 'Content Security Policy' "$scratch/said" || fail "the browser did not refuse a script"

# Nothing sticks out of the window, however narrow it is, with all unfolded. The script that
# measures it is ours, so the policy of this copy is taken away; a frame may be as narrow as a phone.
cat > "$scratch/measure.js" <<'END'
const out = [...document.querySelectorAll("body *")].filter(one => !one.closest(".skip, .unseen")
  && !one.parentElement.closest(".scroll") && one.getBoundingClientRect().right > innerWidth + 1);
parent.postMessage(`${innerWidth}: ${out.slice(0, 3).map(one => one.outerHTML.slice(0, 80))}`, "*");
END
python3 - "$scratch" <<'END'
import re, sys
folder = sys.argv[1]
html, script = (open(f"{folder}/{name}").read() for name in ("report.html", "measure.js"))
html = re.sub("<meta http-equiv=[^>]*>", "", html).replace("<details", "<details open")
open(f"{folder}/measured.html", "w").write(html.replace("</main>", f"<script>{script}</script></main>"))
END
for width in 1280 700 380; do
  echo "<!DOCTYPE html><title>nothing</title><script>onmessage = e => document.title = e.data</script>
    <iframe src=measured.html width=$width height=800 style=border:0></iframe>" > "$scratch/frame.html"
  open_in_browser --window-size=1400,900 --virtual-time-budget=9000 --dump-dom \
    "file://$scratch/frame.html" > "$scratch/dom.html"
  grep -qF "<title>$width: </title>" "$scratch/dom.html" \
    || fail "sticks out at $width: $(grep -m1 -o '<title>.*</title>' "$scratch/dom.html")"
done

if [ -n "$pictures" ]; then
  mkdir -p "$pictures"
  for width in 1280 380; do
    for scheme in 0-dark 1-light; do
      open_in_browser --window-size="$width,4000" \
        --blink-settings="preferredColorScheme=${scheme%-*}" \
        --screenshot="$pictures/report-$width-${scheme#*-}.png" "file://$scratch/report.html"
    done
  done
fi
echo "the report holds in $("$browser" --version 2>/dev/null | head -1)"
