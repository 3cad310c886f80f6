#!/bin/sh
# Builds out/azprovision: one static-pie executable for this machine's architecture, stripped. The recipe is in
# src/azprovision.csproj; this script checks the tools, installs missing Debian packages when it may, and looks at what
# came out.
#   build.sh [--arch amd64|arm64]    the other architecture, which x86-64 can build: out/arm64/azprovision
set -eu
cd "$(dirname "$0")"

fail() {
  echo "build.sh: $1" >&2
  exit 1
}

case $(uname -m) in
  x86_64) own=amd64 ;;
  aarch64) own=arm64 ;;
  *) fail "builds on x86-64 and arm64 only, this is $(uname -m)" ;;
esac
arch=$own
if [ "${1-}" = --arch ] && [ $# -eq 2 ]; then
  arch=$2
elif [ $# -ne 0 ]; then
  fail "usage: build.sh [--arch amd64|arm64]"
fi
out=out
prefix=
case $arch in
  "$own") ;;
  arm64)
    out=out/arm64
    prefix=aarch64-linux-gnu-
    ;;
  *) fail "does not build for '$arch' on $own" ;;
esac

dotnet --list-sdks 2>/dev/null | grep -q '^10\.' ||
  fail "needs the .NET 10 SDK (https://dotnet.microsoft.com/download, or the package dotnet-sdk-10.0)"

set --
command -v ld.lld >/dev/null || set -- "$@" lld
if [ -n "$prefix" ]; then
  compiler=${prefix}gcc
  command -v "$compiler" >/dev/null || set -- "$@" gcc-aarch64-linux-gnu
  command -v "${prefix}objcopy" >/dev/null || set -- "$@" binutils-aarch64-linux-gnu
  [ -e /usr/aarch64-linux-gnu/lib/libc.a ] || set -- "$@" libc6-dev-arm64-cross
else
  if command -v gcc >/dev/null; then
    compiler=gcc
  elif command -v clang >/dev/null; then
    compiler=clang
  else
    compiler=gcc
    set -- "$@" gcc
  fi
  command -v objcopy >/dev/null || set -- "$@" binutils
  [ -e "/usr/lib/$(uname -m)-linux-gnu/libc.a" ] || [ -e /usr/lib64/libc.a ] || set -- "$@" libc6-dev
fi
[ $# -eq 0 ] || tests/install-packages.sh "$@"

if [ -n "$prefix" ]; then
  # gcc's "lld" is PREFIXld.lld, which no package has.
  mkdir -p src/obj/cross
  ln -sf "$(command -v ld.lld)" "src/obj/cross/${prefix}ld.lld"
  PATH=$PWD/src/obj/cross:$PATH
fi

# What glibc.a before 2.36 would start, but not relocate.
minor=$(printf '#include <features.h>\n__GLIBC_MINOR__\n' | "$compiler" -E -P - | tail -n 1)
pack=true
[ "$minor" -ge 36 ] || pack=false

# lld before 18 gives RELRO its full length, but not the segment that it is in: what is made so for pages of 64 KB does not
# start on a kernel with pages of 4 KB.
protect=false
if [ "$arch" = arm64 ] && [ "$(ld.lld --version | sed 's/.*LLD \([0-9]*\).*/\1/')" -ge 18 ]; then protect=true; fi

# Only the finished file goes to out/; the rest stays in src/obj and src/bin, where the incremental build wants it.
[ "$arch" = arm64 ] && runtime=linux-arm64 || runtime=linux-x64
dotnet publish src/azprovision.csproj -c Release --nologo -v quiet -p:RuntimeIdentifier="$runtime" \
  -p:CppCompilerAndLinker="$compiler" -p:ObjCopyName="${prefix}objcopy" -p:PackRelocations="$pack" \
  -p:ProtectLargePages="$protect" \
  -o "src/obj/publish/$arch"
built=src/obj/publish/$arch/azprovision

# shellcheck disable=SC2016 # $ORIGIN and the like are not meant
headers=$(readelf --wide --file-header --program-headers --dynamic --sections "$built")
has() { printf '%s\n' "$headers" | grep -q -e "$1"; }
if ! has 'Type: *DYN' || ! has 'FLAGS_1.*PIE'; then fail "$built is not position independent"; fi
if has ' INTERP ' || has '(NEEDED)'; then fail "$built is not static"; fi
if ! has ' GNU_RELRO ' || ! has 'BIND_NOW\|FLAGS_1.* NOW'; then fail "$built lacks full RELRO"; fi
# Memory is mapped in pages, and what is not mapped cannot be protected.
segments() { printf '%s\n' "$headers" | awk -v type="$1" '$1 == type { print $3, $6 }'; }
segments GNU_RELRO | {
  read -r start length
  segments LOAD | {
    while read -r at size; do
      if [ $((at)) -le $((start)) ] && [ $(((at + size + 4095) / 4096 * 4096)) -ge $((start + length)) ]; then exit 0; fi
    done
    exit 1
  }
} || fail "$built has a RELRO segment that is not loaded whole"
has 'GNU_STACK.* RW ' || fail "$built has an executable stack"
if has '\.symtab'; then fail "$built is not stripped"; fi

# One for another machine is tried if its emulator is here.
emulator=
[ "$arch" = "$own" ] || emulator=$(command -v qemu-aarch64-static) || emulator=true
$emulator "$built" --version >/dev/null || fail "$built does not run"

mkdir -p "$out"
install -m 755 "$built" "$out/azprovision"
echo "$out/azprovision: $(wc -c <"$out/azprovision") bytes, $(sha256sum "$out/azprovision" | cut -c 1-16)"
