#!/usr/bin/env bash
# Install Chromium and its driver, which the tests of the console in a real browser need.
#
#   tools/browser.sh
#
# Needs Debian and root, and does nothing where both programs are there already. Where they can't be
# installed it says why, and succeeds: those tests are then skipped, and say so, too.
set -euo pipefail
there() { command -v chromedriver && { command -v chromium || command -v google-chrome; }; } >/dev/null
not_here() { echo "browser: not installed, as $1; the console's tests in a browser are skipped"; exit; }
! there || exit 0
command -v apt-get >/dev/null || not_here "there is no apt-get"
[ "$(id -u)" = 0 ] || not_here "this is not root"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || not_here "apt-get update failed"
apt-get install -y -qq --no-install-recommends chromium chromium-driver >/dev/null || not_here "apt-get install failed"
there || { echo "browser: apt-get has installed no chromedriver or no Chromium"; exit 1; }
