#!/usr/bin/env python3
"""Holds what a browser made of a report against what is in it: check.py REPORT DOM NETLOG SAID"""

import json
import re
import sys
from collections import Counter
from html.parser import HTMLParser


class Elements(HTMLParser):
    """Counts elements, and keeps the text that is shown."""

    def __init__(self, html):
        super().__init__()
        self.count, self.text = Counter(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.count[tag.lower()] += 1

    def handle_data(self, data):
        self.text.append(data)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def wrong(condition, what):
    """Ends with 1 if something is so."""
    if condition:
        sys.exit(f"FAILED: {what}")


report, dom = Elements(read(sys.argv[1])), Elements(read(sys.argv[2]))
# A browser adds what was left out and moves what is misplaced; here there is nothing to do.
wrong(report.count != dom.count, f"elements differ: {(report.count - dom.count, dom.count - report.count)}")
text = " ".join(dom.text)
for expected in ["nc on web", "rsync on web", "<script>x=1</script>", '"><img src=x>', "a\\u{202e}b\\x00c"]:
    wrong(expected not in text, f"not shown: {expected}")
for part in ["main", "nav", "article", "figure", "details", "table", "footer"]:
    wrong(dom.count[part] == 0, f"no {part}")
wrong(dom.count["script"] or dom.count["img"], "a script or an image")

said = [line for line in read(sys.argv[4]).splitlines() if "CONSOLE" in line]
wrong(said, f"the console says: {said}")

# The browser itself may ask for its own updates; nobody asks for anything of the report's.
net = read(sys.argv[3]).rstrip().rstrip(",")
try:
    log = json.loads(net)
except json.JSONDecodeError:
    log = json.loads(net + "]}")
asked = set()
for event in log["events"]:
    url = event.get("params", {}).get("url", "")
    if re.match(r"(https?|wss?|ftp):", url):
        asked.add(url)
own = re.compile(r"https?://([a-z0-9.-]+\.)?(google|googleapis|gvt1|gstatic|chromium)\.(com|org)[:/]")
asked = {url for url in asked if not own.match(url)}
wrong(asked, f"asked of the network: {asked}")
print(f"{sum(dom.count.values())} elements, no word on the console, no request")
