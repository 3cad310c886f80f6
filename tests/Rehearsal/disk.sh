#!/bin/sh
# Makes a disk image that a machine can be started from, of a root file system, a kernel and an initramfs. Nothing is mounted.
#   disk.sh bios|LOADER.efi ROOT KERNEL INITRAMFS CONSOLE DISK
# "bios" is an MBR and syslinux; LOADER.efi is a systemd-boot, and goes on an EFI system partition.
set -eu

loader=$1
root=$2
kernel=$3
initramfs=$4
console=$5
disk=$6

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

boot=160   # MiB; the root comes after it
size=$(($(du -s -k "$root" | cut -f 1) * 5 / 4 / 1024 + 128))
rm -f "$disk"
truncate -s $((1 + boot + size + 1))M "$disk"
type=c
label=dos
[ "$loader" = bios ] || { type=U label=gpt; }
printf 'label: %s\nstart=2048, size=%s, type=%s\ntype=L\n' "$label" "${boot}MiB" "$type" | sfdisk --quiet "$disk"
mkfs.vfat -F 16 --offset 2048 -n BOOT "$disk" $((boot * 1024)) >/dev/null 2>&1
on() { command=$1; shift; "$command" -i "$disk@@1M" "$@"; }
on mcopy "$kernel" ::/vmlinuz
on mcopy "$initramfs" ::/initrd.img
arguments="root=LABEL=root ro console=tty0 console=$console"
if [ "$loader" = bios ]; then
  sfdisk --quiet --activate "$disk" 1
  dd if=/usr/lib/syslinux/mbr/mbr.bin of="$disk" conv=notrunc status=none
  printf '%s\n' 'default linux' 'label linux' 'kernel /vmlinuz' "append initrd=/initrd.img $arguments" >"$work/conf"
  on mcopy "$work/conf" ::/syslinux.cfg
  syslinux --install --offset 1048576 "$disk"
else
  name=bootx64.efi
  case $loader in *aa64.efi) name=bootaa64.efi ;; esac
  on mmd ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
  on mcopy "$loader" "::/EFI/BOOT/$name"
  printf '%s\n' 'title Linux' 'linux /vmlinuz' 'initrd /initrd.img' "options $arguments" >"$work/conf"
  on mcopy "$work/conf" ::/loader/entries/linux.conf
fi
mke2fs -q -t ext4 -m 0 -L root -E "root_owner=0:0,offset=$(((1 + boot) * 1024 * 1024))" -d "$root" "$disk" "${size}M" >/dev/null
