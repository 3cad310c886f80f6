#!/bin/sh
# Makes an appliance of what image.sh has made: the same root in a squashfs, with OpenSSH and the files of "make
# install-buildroot", and an initramfs that mounts it. Nothing is mounted here.
#   forgetful.sh IMAGE CACHE DIR    reads IMAGE/{initramfs,root.ext4} and the kernel in CACHE;
#                                   writes DIR/{initramfs,root.squashfs,data.ext4,key.pub}
set -eu

image=$1
kernel=$2/kernel
out=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# Archives of an initramfs may follow each other; of two files with one name the later one stays.
mkdir -p "$work/initramfs/modules"
cp "$here/forgetful/init" "$work/initramfs/"
chmod 755 "$work/initramfs/init"
modules='virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk squashfs overlay'
echo "$modules" >"$work/initramfs/modules/order"
cp "$(find "$kernel/lib/modules" -name squashfs.ko)" "$(find "$kernel/lib/modules" -name overlay.ko)" "$work/initramfs/modules/"
{ cat "$image/initramfs" && cd "$work/initramfs" && find . | busybox cpio -o -H newc 2>/dev/null | gzip -1; } >"$out/initramfs"

root=$work/root
mkdir "$root"
debugfs -R "rdump / $root" "$image/root.ext4" 2>/dev/null
rm -r "$root/lost+found"
mkdir "$root/data" "$root/overlay"
make -s -C "$here/../.." install-buildroot DESTDIR="$root"
cp "$here/forgetful/rcS" "$root/etc/init.d/rcS"
chmod 755 "$root/etc/init.d/rcS"
for file in $(command -v sshd ssh ssh-keygen) $(ldd "$(command -v sshd)" "$(command -v ssh)" "$(command -v ssh-keygen)" | grep -o '/[^ :]*' | sort -u); do
  mkdir -p "$root${file%/*}"
  cp -L "$file" "$root$file"
done
echo 'sshd:x:100:65534::/run/sshd:/bin/false' >>"$root/etc/passwd"
echo 'sshd:*:19700:0:99999:7:::' >>"$root/etc/shadow"
ssh-keygen -q -t ed25519 -N '' -C 'ada@laptop' -f "$root/root/key"
mv "$root/root/key.pub" "$out/"
printf '%s\n' '#!/bin/sh' "echo 'Tr0ub&dor 3<x'" >"$root/root/password"
chmod 700 "$root/root/password"

rm -f "$out/root.squashfs" "$out/data.ext4"
mksquashfs "$root" "$out/root.squashfs" -quiet -no-progress -comp lz4
mke2fs -q -t ext4 -m 0 -E root_owner=0:0 "$out/data.ext4" 4M >/dev/null
