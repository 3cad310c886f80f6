#!/bin/sh
# What does the program need of the kernel? Builds the kernel of the boot tests without each OPTION in turn (all of
# azprovision.config if none is given; A+B: without both), boots it, and says how that ended. As root; a minute each.
#   take-away.sh [OPTION]...
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
cd "$top"
# shellcheck disable=SC2046 # a list of words
[ $# -gt 0 ] || set -- $(sed -n 's/^CONFIG_\(.*\)=y$/\1/p' "$here/azprovision.config")
platform=$(find tests/Platform/bin -name platform.dll | head -n 1)
[ -n "$platform" ] || { echo "take-away.sh: build tests/Boot first" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/dvd"
cp tests/Demo/dvd/ovf-env.xml "$work/dvd/"
genisoimage -quiet -udf -iso-level 4 -V rd_rdfe_stable -o "$work/dvd.iso" "$work/dvd"

# boot DIR: runs a machine and its platform in namespaces of their own; DIR/serial is what it said.
# shellcheck disable=SC2016 # the inner shell's
boot() {
  unshare --net --pid --mount-proc --fork --kill-child sh -c '
    busybox ip link set lo up
    dotnet "$1" --listen 127.0.0.1:80 --log "$2/requests" >"$2/address" &
    until [ -s "$2/address" ]; do sleep 0.1; done
    exec timeout --signal KILL 60 qemu-system-x86_64 -nodefaults -no-user-config -machine pc,accel=tcg -cpu max -m "${MEGABYTES:-32}" \
      -display none -no-reboot -serial "file:$2/serial" -kernel "$2/vmlinuz" -initrd "$2/initramfs" \
      -append "console=ttyS0 panic=-1 -- --root /sysroot --timeout 40 " \
      -netdev user,id=net,net=168.63.129.0/24,host=168.63.129.16 -device virtio-net-pci,netdev=net,romfile= \
      -drive "if=none,id=root,format=raw,cache=unsafe,file=$2/root.ext2" -device virtio-blk-pci,drive=root \
      -device virtio-scsi-pci -drive "if=none,id=dvd,media=cdrom,readonly=on,format=raw,file=$3" -device scsi-cd,drive=dvd
  ' sh "$platform" "$1" "$work/dvd.iso" >/dev/null 2>&1
}

for options; do
  run=$work/$options
  # shellcheck disable=SC2046 # a list of words
  "$here/image.sh" out/azprovision out/cache "$run" $(echo "$options" | tr + ' ')
  ended="ended by itself"
  boot "$run" || ended="did not end"
  echo "== without $options: $ended, $(grep -c 'POST /machine?comp=health' "$run/requests" || :) reports"
  tr -d '\r' <"$run/serial" | grep -e '^guest: ' -e '^<[3-6]>' -e 'Kernel panic' -e '^The futex' || tail -n 5 "$run/serial"
  debugfs -R "ls -p /home" "$run/root.ext2" 2>/dev/null | sed -n 's|^/[0-9]*/\([0-9]*\)/\([0-9]*\)/\([0-9]*\)/ada/.*|disk: /home/ada \1 \2 \3|p'
done
