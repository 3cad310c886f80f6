#!/bin/bash
# dracut: puts azprovision and its drivers into the image. On: dracut --force, or for one image --add azprovision.
# Off: the kernel argument azprovision=off, or omit_dracutmodules+=" azprovision " in /etc/dracut.conf.d.
# shellcheck disable=SC2154 # moddir is dracut's

check() {
  return 0
}

depends() {
  return 0
}

installkernel() {
  # The image may be built on another machine than the one it boots.
  hostonly='' instmods hv_vmbus hv_storvsc hv_netvsc ata_piix virtio_pci virtio_net cdrom sr_mod udf isofs
}

install() {
  inst_multiple modprobe mount /usr/sbin/azprovision /usr/sbin/azprovision-boot
  inst_hook pre-pivot 50 "$moddir/azprovision.sh"
}
