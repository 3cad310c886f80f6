#!/bin/sh
# relink-kit.sh ARCH...: what each executable is linked from but for libc and libgcc, and the command that links it, as
# out/packages/relink-kit-ARCH.tar.xz. The LGPL asks for that: whoever gets the executable may put another glibc into it.
# shellcheck disable=SC1091,SC2154 # common.sh sets them
set -eu
cd "$(dirname "$0")/../.."
. src/package/common.sh
out=$PWD/out/packages
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for arch; do
  of "$arch"
  kit=$work/relink-kit-$arch
  mkdir -p "$kit/lib"
  cp "$objects/azprovision.o" "$objects/azprovision.exports" "$kit/"
  cp "$pack/LICENSE.TXT" "$pack/THIRD-PARTY-NOTICES.TXT" "$kit/"
  # Paths become those of the kit.
  tr -d '"' <"$objects/link.rsp" | while read -r argument; do
    case $argument in
      "$pack"/*)
        cp "$argument" "$kit/lib/"
        echo "lib/${argument##*/}"
        ;;
      */native/azprovision.o) echo azprovision.o ;;
      -Wl,--version-script=*) echo -Wl,--version-script=azprovision.exports ;;
      -Wl,-T,*) cp "$objects/sections.ld" "$kit/" && echo -Wl,-T,sections.ld ;;
      *) echo "$argument" ;;
    esac
  done >"$kit/link.rsp"
  sed "s/PREFIX/$prefix/g" src/package/relink.sh >"$kit/relink.sh"
  chmod 755 "$kit/relink.sh"
  pack_tar "$kit" "$out/relink-kit-$arch.tar.xz"
  echo "out/packages/relink-kit-$arch.tar.xz"
done
