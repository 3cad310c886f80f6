#!/bin/sh
# Makes what the boot tests start from: Debian's cloud kernel (downloaded, never installed), an initramfs with the
# drivers of the disk, and a BusyBox root with the program on an ext4 image. No step mounts anything or needs root.
#   image.sh [--arch arm64] PROGRAM CACHE DIR    writes DIR/{vmlinuz,initramfs,root.ext4}; the package is kept in CACHE
set -eu

arch=amd64
if [ "$1" = --arch ]; then
  arch=$2
  shift 2
fi
program=$1
cache=$2
out=$3
guest=$(dirname "$0")/guest
busybox=$(command -v busybox)
guest_busybox=$busybox

mkdir -p "$cache" "$out"
if [ "$arch" != amd64 ]; then
  # Package lists of their own: this machine's stay those of its architecture.
  cache=$(cd "$cache" && pwd)/$arch
  mkdir -p "$cache/lists/partial" "$cache/archives/partial"
  cat >"$cache/apt.conf" <<EOF
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
Dir::State::Lists "$cache/lists";
Dir::State::status "/dev/null";
Dir::Cache "$cache";
EOF
  export APT_CONFIG="$cache/apt.conf"
  guest_busybox=$cache/kernel/bin/busybox
fi

# fetch: the kernel's package, unpacked. linux-image-cloud-ARCH itself is empty: the one it depends on has the files.
fetch() {
  package=$(apt-cache depends "linux-image-cloud-$arch" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  [ -n "$package" ] || return
  set -- "$package"
  [ "$arch" = amd64 ] || set -- "$@" busybox-static
  rm -rf "$cache/kernel" && mkdir "$cache/kernel" && (
    cd "$cache/kernel" && apt-get -q -q -o APT::Sandbox::User=root download "$@" &&
      for file in ./*.deb; do dpkg -x "$file" . || exit; done && rm ./*.deb && : >complete
  )
}

exec 9>"$cache/lock"
flock 9   # test classes run side by side
[ -e "$cache/kernel/complete" ] || fetch || { apt-get -q -q -o APT::Sandbox::User=root update && fetch; } || {
  echo "image.sh: cannot download the kernel of linux-image-cloud-$arch (a Debian package)" >&2
  exit 1
}
exec 9>&-

modules=$(echo "$cache"/kernel/lib/modules/*)
version=${modules##*/}
cp "$cache/kernel/boot/vmlinuz-$version" "$out/vmlinuz"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# module NAME... : the paths of these modules below the package's module directory.
module() {
  for name; do
    (cd "$modules" && find kernel -name "$name.ko")
  done
}

# The initramfs, in the order insmod needs.
disk='virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk'
mkdir -p "$work/initramfs/bin" "$work/initramfs/dev" "$work/initramfs/modules" "$work/initramfs/root"
cp "$guest_busybox" "$work/initramfs/bin/busybox"
for applet in sh mount insmod switch_root cat poweroff; do
  ln -s busybox "$work/initramfs/bin/$applet"
done
cp "$guest/init" "$work/initramfs/init"
chmod 755 "$work/initramfs/init"
# shellcheck disable=SC2086 # a list of words
for path in $(module $disk); do
  cp "$modules/$path" "$work/initramfs/modules/"
done
echo "$disk" >"$work/initramfs/modules/order"
(cd "$work/initramfs" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1) >"$out/initramfs"

# The root. Modules of the DVD, its file systems and the network are loaded by modprobe, as on any image.
root=$work/root
cp -R "$guest" "$root"
rm "$root/init"
for directory in bin dev home mnt proc root run sys tmp sbin usr/bin usr/sbin var/lib var/log; do
  mkdir -p "$root/$directory"
done
chmod 700 "$root/root"
chmod 1777 "$root/tmp"
chmod 640 "$root/etc/shadow"
chmod 755 "$root/etc/init.d/rcS" "$root/etc/rc.local" "$root/etc/udhcpc.script"
cp "$guest_busybox" "$root/bin/busybox"
for applet in $("$busybox" --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
for applet in init modprobe; do
  ln -s ../bin/busybox "$root/sbin/$applet"
done
cp "$program" "$root/usr/sbin/azprovision"
if [ "$arch" = amd64 ]; then
  # mke2fs for the resource disk, as the host has it.
  for file in "$(command -v mke2fs)" $(ldd "$(command -v mke2fs)" | grep -o '/[^ ]*'); do
    mkdir -p "$root${file%/*}"
    cp -L "$file" "$root$file"
  done
fi
drivers='virtio virtio_ring virtio_net net_failover failover scsi_common scsi_mod libata ata_piix cdrom sr_mod virtio_scsi sd_mod'
# shellcheck disable=SC2086
for path in $(module $drivers crc-itu-t udf isofs loop); do
  mkdir -p "$root/lib/modules/$version/${path%/*}"
  cp "$modules/$path" "$root/lib/modules/$version/$path"
done
cp "$modules"/modules.builtin* "$modules/modules.order" "$root/lib/modules/$version/"
depmod -b "$root" "$version"
rm -f "$out/root.ext4"
mke2fs -q -t ext4 -m 0 -E root_owner=0:0 -d "$root" "$out/root.ext4" 32M >/dev/null
