#!/bin/sh
# Makes a Debian root with one init, or one program that makes an initramfs, and our files for it as "make install" puts
# them. Debian's packages are fetched once and kept in CACHE; nothing is installed or mounted on this machine.
#   debian.sh KERNEL CACHE INIT DIR    writes DIR/root.ext4; and DIR/initramfs and a list of its files, DIR/contents, if INIT
#                                      makes one, in a root that has the files for systemd too
#                                      INIT "deb": systemd and the package in out/packages; "none": DIR/root, no more;
#                                      "disk": DIR/disk.img, as people have them, that a machine is started from
set -eu

kernel=$1
cache=$2
init=$3
out=$4
here=$(cd "$(dirname "$0")" && pwd)
packages=udev,kmod,zstd,systemd,sysvinit-core,openssh-server,sudo,initramfs-tools-core,dracut-core
later=openrc   # takes the place of sysv-rc, and so comes as a package only

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# quietly COMMAND... : what it says is shown only if it fails.
quietly() {
  "$@" >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    return 1
  }
}

# inside ROOT COMMAND... : in the root, with a /proc of its own that nobody else sees.
inside() (
  root=$1
  shift
  # shellcheck disable=SC2016 # for the inner shell
  DEBIAN_FRONTEND=noninteractive LC_ALL=C unshare --mount --pid --fork sh -c \
    'mount -t proc proc "$1/proc" && exec chroot "$@"' sh "$root" "$@"
)

# fetch DIR: all of the packages, unpacked and set up.
fetch() {
  # shellcheck disable=SC2016 # apt's own
  apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 'Label: Debian' 'Component: main' >"$1.from"
  read -r mirror suite <"$1.from" || { echo "debian.sh: no Debian archive among apt's sources" >&2; return 1; }
  rm -rf "$1"
  mkdir -p "$1/etc/dpkg/dpkg.cfg.d"
  # It is thrown away if the power fails; nobody reads manuals in it.
  printf '%s\n' force-unsafe-io 'path-exclude /usr/share/doc/*' 'path-exclude /usr/share/man/*' \
    'path-exclude /usr/share/locale/*' >"$1/etc/dpkg/dpkg.cfg.d/test"
  quietly unshare --mount debootstrap --variant=minbase --include="$packages" "$suite" "$1" "$mirror" &&
    quietly inside "$1" apt-get -q update &&
    inside "$1" apt-get -q clean &&
    quietly inside "$1" apt-get -q --download-only -y install "$later" &&
    : >"$1.complete"
}

# slow_udev ROOT MOUNTED: with this kernel argument, and once it is MOUNTED, udev in the initramfs of ROOT takes its time for the
# ejected disc, as on a busy machine, and tells when it is done.
slow_udev() {
  echo 'ACTION=="change", KERNEL=="sr0", IMPORT{cmdline}=="slow_udev", TEST=="'"$2"'/etc/fstab",' \
    "PROGRAM=\"/bin/sh -c 'sleep 2; echo guest: udev is done with the disc >/dev/kmsg'\"" >"$1/etc/udev/rules.d/guest.rules"
}

base=$cache/debian-$(echo "$packages $later" | cksum | cut -d ' ' -f 1)
exec 9>"$cache/debian.lock"
flock 9
[ -e "$base.complete" ] || fetch "$base" || { echo "debian.sh: cannot make a Debian root" >&2; exit 1; }
exec 9>&-

if [ "$init" = none ]; then
  mkdir -p "$out"
  cp -a "$base" "$out/root"
  exit 0
fi
root=$work/root
cp -a "$base" "$root"
version=$(basename "$kernel"/lib/modules/*)
mkdir -p "$root/lib/modules" "$root/boot" "$out"
cp -a "$kernel/lib/modules/$version" "$root/lib/modules/"
cp "$kernel/boot/config-$version" "$root/boot/"
case $init in
  initramfs-tools | dracut) ;;
  *)
    # What udev would load for the processor of QEMU takes longer than all else.
    (cd "$root/lib/modules/$version/kernel" && rm -rf arch crypto drivers/cpufreq drivers/gpu sound)
    ;;
esac
depmod -b "$root" "$version"
echo generalized >"$root/etc/hostname"
if [ "$init" != disk ]; then
  cp "$here/debian/guest-report" "$root/usr/local/sbin/"
  echo '/dev/vda / ext4 defaults 0 0' >"$root/etc/fstab"
fi
if [ "$init" = deb ]; then
  cp "$here"/../../out/packages/azprovision_*_"$(dpkg --print-architecture)".deb "$root/azprovision.deb"
  quietly inside "$root" dpkg --install /azprovision.deb
  rm "$root/azprovision.deb"
elif [ "$init" = disk ]; then
  make -s -C "$here/../.." install-systemd DESTDIR="$root"
else
  make -s -C "$here/../.." "install-$init" DESTDIR="$root"
fi

case $init in
  initramfs-tools)
    make -s -C "$here/../.." install-systemd DESTDIR="$root"
    slow_udev "$root" /root
    quietly inside "$root" mkinitramfs -o /boot/initramfs "$version"
    inside "$root" lsinitramfs /boot/initramfs >"$out/contents"
    mv "$root/boot/initramfs" "$out/"
    ;;
  dracut)
    slow_udev "$root" /sysroot
    # For any machine, as the one that builds an image knows nothing of the one that boots it; packed for speed.
    make -s -C "$here/../.." install-systemd DESTDIR="$root"
    quietly inside "$root" dracut --quiet --no-hostonly --compress 'zstd -1' --install /etc/udev/rules.d/guest.rules \
      --kver "$version" /boot/initramfs
    inside "$root" lsinitrd /boot/initramfs >"$out/contents"
    mv "$root/boot/initramfs" "$out/"
    ;;
  systemd | deb)
    ln -sf /lib/systemd/systemd "$root/sbin/init"
    cp "$here/debian/guest-report.service" "$root/etc/systemd/system/"
    printf '%s\n' '[Match]' 'Type=ether' '[Network]' 'DHCP=ipv4' >"$root/etc/systemd/network/ether.network"
    # There is nothing to enable, but whoever does it is not stopped.
    inside "$root" systemctl enable azprovision 2>&1 | grep -q 'no installation config'
    inside "$root" systemctl enable azprovision 2>/dev/null
    mkdir "$root/etc/systemd/system/azprovision.service.d"
    inside "$root" systemctl --quiet enable guest-report systemd-networkd
    inside "$root" systemctl --quiet mask serial-getty@ttyS0.service getty@tty1.service getty-static.service apt-daily.timer \
      apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service
    ;;
  disk)
    ln -sf /lib/systemd/systemd "$root/sbin/init"
    echo 'LABEL=root / ext4 defaults 0 1' >"$root/etc/fstab"
    printf '%s\n' '[Match]' 'Type=ether' '[Network]' 'DHCP=ipv4' >"$root/etc/systemd/network/ether.network"
    inside "$root" systemctl --quiet enable systemd-networkd
    quietly inside "$root" mkinitramfs -o /boot/initramfs "$version"
    mv "$root/boot/initramfs" "$work/"
    ;;
  sysvinit | openrc)
    if [ "$init" = openrc ]; then
      quietly inside "$root" apt-get -q --no-download -y install openrc
      inside "$root" rc-update --quiet add azprovision default
    else
      inside "$root" update-rc.d azprovision defaults
    fi
    sed -i '/getty/d' "$root/etc/inittab"
    echo 'gr:2345:once:/usr/local/sbin/guest-report' >>"$root/etc/inittab"
    ;;
esac
rm -f "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*_*
if [ "$init" = disk ]; then
  "$here/../Rehearsal/disk.sh" bios "$root" "$kernel/boot/vmlinuz-$version" "$work/initramfs" ttyS0 "$out/disk.img"
  exit 0
fi
mke2fs -q -t ext4 -m 0 -E root_owner=0:0 -d "$root" "$out/root.ext4" 600M >/dev/null
