#!/bin/sh
# Builds the smallest kernel that the program provisions on, from Debian's linux-source-6.1 (downloaded, never
# installed): "make tinyconfig" and the lines of azprovision.config and machine.config; and its init from init.c.
#   kernel.sh [--arch arm64] CACHE [OPTION]...    writes CACHE/tiny-HASH/{kernel,init} unless they are there; prints
#                                                 that directory (for arm64 below CACHE/arm64)
# An OPTION (FUTEX) is left out of the configuration. The source tree stays in CACHE: a change is built in a minute.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
machine=machine.config
compiler=
kernel=arch/x86/boot/bzImage
if [ "$1" = --arch ]; then
  [ "$2" = arm64 ]
  shift 2
  machine=machine.arm64.config
  compiler=aarch64-linux-gnu-
  kernel=arch/arm64/boot/Image
  # For the kernel's make.
  export ARCH=arm64 CROSS_COMPILE="$compiler"
  set -- "$1/arm64" "$@"
fi
mkdir -p "$1"
cache=$(cd "$1" && pwd)
shift
[ -z "$compiler" ] || shift
tree=$cache/linux-source-6.1

# The configuration: without comments, and without the options that are to be left out.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat "$here/azprovision.config" "$here/$machine" | grep '^CONFIG_' >"$work/config"
for option; do
  grep -v "^CONFIG_$option=" "$work/config" >"$work/less"
  mv "$work/less" "$work/config"
  # Some are on by default.
  echo "# CONFIG_$option is not set" >>"$work/config"
done
out=$cache/tiny-$(cat "$work/config" "$here/init.c" "$here/kernel.sh" | sha256sum | cut -c 1-16)

# done_already: built before, or meanwhile by somebody else.
done_already() {
  [ ! -e "$out/complete" ] || { echo "$out" && exit 0; }
}
done_already
exec 9>"$cache/tiny.lock"
flock 9
done_already

fetch() {
  rm -rf "$cache/source" "$tree" && mkdir "$cache/source" && (
    cd "$cache/source" &&
      apt-get -q -q -o APT::Sandbox::User=root download linux-source-6.1 &&
      dpkg -x ./*.deb . && tar -C "$cache" -xf usr/src/linux-source-6.1.tar.xz
  ) && rm -r "$cache/source" && : >"$tree/.complete"
}
[ -e "$tree/.complete" ] || fetch || { apt-get -q -q update && fetch; } || {
  echo "kernel.sh: cannot download and unpack linux-source-6.1 (a Debian package)" >&2
  exit 1
}

# The same from every build.
export KBUILD_BUILD_TIMESTAMP='1970-01-01' KBUILD_BUILD_USER=azprovision KBUILD_BUILD_HOST=azprovision LC_ALL=C
build() {
  make tinyconfig && scripts/kconfig/merge_config.sh -n -m .config "$work/config" &&
    make KCONFIG_ALLCONFIG=.config allnoconfig && make -j "$(nproc)" "${kernel##*/}"
}
(cd "$tree" && build >"$work/log" 2>&1) || {
  tail -n 40 "$work/log" >&2
  echo "kernel.sh: the kernel does not build" >&2
  exit 1
}

# An option that another one switched on or off again would make the result say nothing.
while read -r line; do
  grep -q -x -F -e "$line" "$tree/.config" || echo "kernel.sh: '$line' has no effect" >&2
done <"$work/config"

rm -rf "$out"
mkdir "$out"
"${compiler}gcc" -Os -Wall -Wextra -Werror -static -nostdlib -fno-asynchronous-unwind-tables -fno-stack-protector -s \
  -include "$tree/tools/include/nolibc/nolibc.h" -o "$out/init" "$here/init.c" -lgcc
cp "$tree/$kernel" "$out/kernel"
cp "$tree/.config" "$out/"
: >"$out/complete"
echo "$out"
