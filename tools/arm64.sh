#!/usr/bin/env bash
# Run a Python program with this package on ARM64 Linux (CPython 3.11), emulated by QEMU's user mode.
#
#   tools/arm64.sh CHECKOUT [PYTHON ARGUMENTS…]      e.g. tools/arm64.sh . tools/smoke.py
#   CPU=Nehalem tools/arm64.sh --x86 CHECKOUT PYTHON [ARGUMENTS…]
#
# The second form runs this machine's own PYTHON on an x86-64 processor without AVX. Needs Debian and root. The first
# call takes a minute: Debian's qemu-user-static and arm64 packages, unpacked but not installed, and aarch64 wheels are
# kept in $PLATFORMS, the user's cache folder by default. MORE="…" adds packages. Emulation is some fifteen times slower
# than the machine, and says nothing about speed; an emulated process can't start another Python.
set -euo pipefail
home=${PLATFORMS:-${XDG_CACHE_HOME:-$HOME/.cache}/platforms}/arm64
if [ ! -e "$home/ready" ]; then
  mkdir -p "$home"/{debs,root,qemu,wheels,site}
  dpkg --print-foreign-architectures | grep -qx arm64 || dpkg --add-architecture arm64
  apt-get update -qq
  (cd "$home/debs" && apt-get download -qq qemu-user-static && apt-get download -qq \
     $(for p in libc6 libgcc-s1 libstdc++6 libgomp1 python3.11 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib zlib1g \
       libexpat1 libssl3 libffi8 libsqlite3-0 libbz2-1.0 liblzma5 libncursesw6 libtinfo6 libreadline8 libuuid1 libdb5.3 libnsl2 \
       libtirpc3 libcrypt1 libcom-err2 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libkeyutils1; do echo $p:arm64; done)) 2>/dev/null
  for f in "$home"/debs/*_arm64.deb; do dpkg -x "$f" "$home/debian"; done
  dpkg -x "$home"/debs/qemu-user-static_*.deb "$home/qemu"
  touch "$home/ready"
fi
if [ "${1:-}" = --x86 ]; then
  checkout=$(cd "$2" && pwd); shift 2
  PYTHONPATH=$checkout/src:$checkout exec "$home/qemu/usr/bin/qemu-x86_64-static" -cpu "${CPU:-Nehalem}" "$@"
fi
checkout=$(cd "$1" && pwd); shift
base="numpy pyarrow scipy faiss-cpu msgspec google-crc32c grpcio protobuf click numba google-re2 httptools orjson prometheus-client uvicorn tantivy<0.27 stopwordsiso typing_extensions pytest pytest-asyncio pytest-timeout hypothesis"
if ! grep -qxF "$base" "$home/wheels/ready" 2>/dev/null; then rm -rf "$home"/{wheels,site}; mkdir -p "$home"/{wheels,site}; fi
if [ ! -e "$home/wheels/ready" ] || [ -n "${MORE:-}" ]; then
  python3 -m pip download -q --only-binary=:all: --python-version 3.11 --implementation cp $(for v in 2_28 2_27 2_26 2_24 2_17 2014; do
    [ $v = 2014 ] && echo --platform manylinux2014_aarch64 || echo --platform manylinux_${v}_aarch64; done) -d "$home/wheels" \
    $base ${MORE:-}
  for w in "$home"/wheels/*.whl; do [ -e "$w.done" ] || { python3 -m zipfile -e "$w" "$home/site" >/dev/null; touch "$w.done"; }; done
  echo "$base" > "$home/wheels/ready"
fi
PYTHONPATH=$checkout/src:$checkout:$home/site exec "$home/qemu/usr/bin/qemu-aarch64-static" -L "$home/debian" "$home/debian/usr/bin/python3.11" "$@"
