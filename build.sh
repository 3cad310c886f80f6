#!/bin/sh
# Builds out/azprovision: one static-pie executable for x86-64, stripped. The recipe is in src/azprovision.csproj;
# this script checks the tools, installs missing Debian packages when it may, and looks at what came out.
set -eu
cd "$(dirname "$0")"

fail() {
  echo "build.sh: $1" >&2
  exit 1
}

[ "$(uname -m)" = x86_64 ] || fail "builds on x86-64 only, this is $(uname -m)"
dotnet --list-sdks 2>/dev/null | grep -q '^10\.' ||
  fail "needs the .NET 10 SDK (https://dotnet.microsoft.com/download, or the package dotnet-sdk-10.0)"

set --
if command -v gcc >/dev/null; then
  compiler=gcc
elif command -v clang >/dev/null; then
  compiler=clang
else
  compiler=gcc
  set -- "$@" gcc
fi
command -v ld.lld >/dev/null || set -- "$@" lld
command -v objcopy >/dev/null || set -- "$@" binutils
[ -e /usr/lib/x86_64-linux-gnu/libc.a ] || [ -e /usr/lib64/libc.a ] || set -- "$@" libc6-dev
[ $# -eq 0 ] || tests/install-packages.sh "$@"

# What glibc.a before 2.36 would start, but not relocate.
glibc=$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)
pack=true
if [ "$(printf '2.36\n%s\n' "$glibc" | sort -V | head -n 1)" != 2.36 ]; then pack=false; fi

# Only the finished file goes to out/; the rest stays in src/obj and src/bin, where the incremental build wants it.
dotnet publish src/azprovision.csproj -c Release --nologo -v quiet -p:CppCompilerAndLinker="$compiler" \
  -p:PackRelocations="$pack" -o src/obj/publish
built=src/obj/publish/azprovision

# shellcheck disable=SC2016 # $ORIGIN and the like are not meant
headers=$(readelf --wide --file-header --program-headers --dynamic --sections "$built")
has() { printf '%s\n' "$headers" | grep -q -e "$1"; }
if ! has 'Type: *DYN' || ! has 'FLAGS_1.*PIE'; then fail "$built is not position independent"; fi
if has ' INTERP ' || has '(NEEDED)'; then fail "$built is not static"; fi
if ! has ' GNU_RELRO ' || ! has 'BIND_NOW\|FLAGS_1.* NOW'; then fail "$built lacks full RELRO"; fi
has 'GNU_STACK.* RW ' || fail "$built has an executable stack"
if has '\.symtab'; then fail "$built is not stripped"; fi

"$built" --version >/dev/null || fail "$built does not run"

mkdir -p out
install -m 755 "$built" out/azprovision
echo "out/azprovision: $(wc -c <out/azprovision) bytes, $(sha256sum out/azprovision | cut -c 1-16)"
