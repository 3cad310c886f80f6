#!/bin/sh
# Makes what the tests of the smallest machine start from: kernel and init of kernel.sh, an initramfs of that init and
# the program, nothing else, and an ext2 disk to provision, with the account files of the other guest. As root.
#   image.sh [--arch arm64] PROGRAM CACHE DIR [OPTION]...    writes DIR/{vmlinuz,initramfs,root.ext2}; an OPTION is left
#                                                            out of the kernel
set -eu

arch=
if [ "$1" = --arch ]; then
  arch="--arch $2"
  shift 2
fi
program=$1
cache=$2
out=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$out"
# shellcheck disable=SC2086 # two words or none
kernel=$("$here/kernel.sh" $arch "$cache" "$@")
cp "$kernel/kernel" "$out/vmlinuz"

# /dev/console comes with the kernel (usr/default_cpio_list).
mkdir -p "$work/initramfs/dev" "$work/initramfs/sysroot"
cp "$kernel/init" "$work/initramfs/init"
cp "$program" "$work/initramfs/azprovision"
(cd "$work/initramfs" && find . | busybox cpio -o -H newc 2>/dev/null | xz --check=crc32 --lzma2=preset=9e,dict=256KiB) >"$out/initramfs"

mkdir -p "$work/root/bin" "$work/root/home" "$work/root/root" "$work/root/var/lib"
cp -R "$here/../guest/etc" "$work/root/etc"
chmod 640 "$work/root/etc/shadow"
rm -f "$out/root.ext2"
mke2fs -q -t ext2 -m 0 -E root_owner=0:0 -d "$work/root" "$out/root.ext2" 4M >/dev/null
