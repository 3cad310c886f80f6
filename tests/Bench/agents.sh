#!/bin/sh
# What Debian 12's cloud-init and waagent need and take to bring the same machine to Ready, and what azprovision takes
# there: "agents.sh [AGENT]...". Not a test: it makes roots below out/agents (debootstrap, 1 GB) and takes minutes.
#
# Each agent runs in a chroot with network, process, mount and host name namespaces of its own: 168.63.129.16 and
# 169.254.169.254 are addresses of lo with the tests' platform behind them, eth0 is one end of a veth pair with dnsmasq
# at the other, /sys/class/dmi/id is made up. Each run gets a fresh copy of a minbase root with the agent, sshd (with
# host keys), sudo, eject and ifupdown. There is no systemd: what its units would start is started here, in order.
#   cloud-init  its four stages; ovf-env.xml in the seed directory (no mounting), no host keys made, no network settings
#   waagent     the daemon until it is ready; ovf-env.xml lies where it would mount "/dev/sr0" and is taken for that;
#               Provisioning.Agent=waagent, no host keys made, no resource disk, a route that shows it the wire server
#   azprovision as it is, from a UDF image file
set -eu
cd "$(dirname "$0")/../.."
agents=$PWD/out/agents
run=$agents/run
runs=${AZPROVISION_BENCH_RUNS:-7}

# minbase, and for each agent a copy with its packages (whose list is kept), then what an image for Azure has anyway.
make_root() {
  [ ! -d "$agents/$1" ] || return 0
  rm -rf "$agents/part"
  if [ "$1" = minbase ]; then
    debootstrap --variant=minbase bookworm "$agents/part"
  else
    cp -a "$agents/minbase" "$agents/part"
    cp /etc/resolv.conf "$agents/part/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$agents/part/usr/sbin/policy-rc.d"
    chmod 755 "$agents/part/usr/sbin/policy-rc.d"
    if [ "$1" != azprovision ]; then install_into_part "$1"; fi
    list_packages part >"$agents/$1.packages"
    install_into_part eject ifupdown iproute2 openssh-server sudo
  fi
  mv "$agents/part" "$agents/$1"
}

install_into_part() {
  chroot "$agents/part" env DEBIAN_FRONTEND=noninteractive apt-get -q -q install -y --no-install-recommends "$@"
}

list_packages() {
  # shellcheck disable=SC2016 # dpkg's own variables
  dpkg-query --admindir="$agents/$1/var/lib/dpkg" -W -f '${Package} ${Installed-Size}\n' | LC_ALL=C sort
}

# What an agent's package and those that it depends on add to minbase.
print_needs() {
  list_packages minbase | LC_ALL=C comm -13 - "$agents/$1.packages" >"$agents/$1.added"
  awk -v name="$1" '{ sum += $2 } END { printf "%s packages %d\n%s installed_kb %d\n", name, NR, name, sum }' \
    "$agents/$1.added"
}

# Inside the namespaces: a copy of agent $1's root at $run/root.
fresh_root() {
  if mountpoint -q "$run/root"; then umount -R "$run/root"; fi
  rm -rf --one-file-system "$run"
  mkdir -p "$run/root"
  cp -a "$agents/$1" "$run/copy"
  mount --bind "$run/copy" "$run/root"
  mount -t proc proc "$run/root/proc"
  mount -t tmpfs tmpfs "$run/root/dev"
  for device in null zero urandom random; do
    cp -a "/dev/$device" "$run/root/dev/$device"
  done
  mount -t tmpfs tmpfs "$run/root/sys"
  mkdir -p "$run/root/sys/class/dmi/id" "$run/root/sys/class/net" "$run/root/sys/devices" "$run/root/run/lock"
  mount --bind "$agents/sys/class/net" "$run/root/sys/class/net"
  mount --bind "$agents/sys/devices" "$run/root/sys/devices"
  identity() { echo "$2" >"$run/root/sys/class/dmi/id/$1"; }
  identity sys_vendor "Microsoft Corporation"
  identity product_name "Virtual Machine"
  identity chassis_asset_tag 7783-7084-3265-9085-8269-3286-77
  identity product_uuid 102a3f4e-7c9b-5e4d-8f60-1a2b3c4d5e6f
  case $1 in
    cloud-init)
      mkdir -p "$run/root/var/lib/cloud/seed/azure"
      cp tests/Bench/ovf-env.xml "$run/root/var/lib/cloud/seed/azure"
      cat >"$run/root/etc/cloud/cloud.cfg.d/90-bench.cfg" <<'END'
datasource_list: [Azure]
datasource: {Azure: {apply_network_config: false}}
network: {config: disabled}
ssh_deletekeys: false
ssh_genkeytypes: [rsa, ecdsa, ed25519]
locale: false
resize_rootfs: false
END
      ;;
    waagent)
      sed -i -e 's/^Provisioning.Agent=.*/Provisioning.Agent=waagent/' \
        -e 's/^Provisioning.RegenerateSshHostKeyPair=.*/Provisioning.RegenerateSshHostKeyPair=n/' \
        -e 's/^ResourceDisk.Format=.*/ResourceDisk.Format=n/' "$run/root/etc/waagent.conf"
      : >"$run/root/dev/sr0"
      printf 'auto eth0\niface eth0 inet manual\n' >"$run/root/etc/network/interfaces"
      mkdir -p "$run/root/mnt/cdrom/secure"
      mount -t tmpfs /dev/sr0 "$run/root/mnt/cdrom/secure"
      cp tests/Bench/ovf-env.xml "$run/root/mnt/cdrom/secure"
      ;;
    azprovision)
      cp out/azprovision "$agents/dvd.iso" "$run/root"
      ;;
  esac
  sync -f "$run"
}

# Inside the namespaces: the network, the platform, the runs.
inside() {
  mount --make-rprivate /
  mkdir -p "$agents/sys"
  mount -t sysfs sysfs "$agents/sys"
  ip link set lo up
  ip address add 168.63.129.16/32 dev lo
  ip address add 169.254.169.254/32 dev lo
  ip link add eth0 type veth peer name platform0
  ip address add 10.77.0.1/24 dev platform0
  ip link set platform0 up
  ip link set eth0 up
  dnsmasq --port=0 --interface=platform0 --bind-interfaces --no-ping --dhcp-range=10.77.0.4,10.77.0.9 --user=root \
    --dhcp-leasefile="$agents/leases" --pid-file="$agents/dnsmasq.pid"
  : >"$agents/platform.log"
  : >"$agents/plugin.log"
  dotnet tests/Platform/bin/Release/net10.0/platform.dll --listen 168.63.129.16:80 --imds 169.254.169.254:80 \
    --script goalstate=full >"$agents/platform.log" &
  # The host's plug-in: answers 404 to everything, waagent does without it only if somebody answers.
  dotnet tests/Platform/bin/Release/net10.0/platform.dll --listen 168.63.129.16:32526 >"$agents/plugin.log" &
  until grep -q IMDS "$agents/platform.log" && [ -s "$agents/plugin.log" ]; do sleep 0.1; done

  for agent; do
    case $agent in
      azprovision) measure azprovision "$runs" -- /azprovision --media /dvd.iso --network off ;;
      cloud-init) measure cloud-init "$runs" -- sh -c '
        cloud-init init --local && cloud-init init &&
        cloud-init modules --mode=config && cloud-init modules --mode=final' ;;
      waagent)
        ip link set eth0 up
        ip address replace 10.77.0.4/24 dev eth0
        ip route add default via 10.77.0.1 dev eth0
        # Traffic goes to lo all the same; waagent looks for the entry.
        ip route add 168.63.129.16/32 via 10.77.0.1 dev eth0
        measure waagent "$runs" -k -- /usr/sbin/waagent -daemon
        ;;
    esac
  done
}

# measure NAME RUNS [-k] -- COMMAND
measure() {
  name=$1 count=$2
  shift 2
  kill=
  if [ "$1" = -k ]; then kill=-k; shift; fi
  shift
  # shellcheck disable=SC2086 # -k or nothing
  "$agents/measure" -n "$count" -p "tests/Bench/agents.sh fresh-root $name" -m '<State>Ready</State>' \
    -l "$agents/platform.log" $kill "$name" \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot "$run/root" "$@" \
    2>"$agents/$name.log"
}

case ${1-} in
  inside)
    shift
    inside "$@"
    ;;
  fresh-root) fresh_root "$2" ;;
  *)
    [ $# -gt 0 ] || set -- azprovision cloud-init waagent
    mkdir -p "$agents/dvd"
    cp tests/Bench/ovf-env.xml "$agents/dvd"
    genisoimage -quiet -udf -iso-level 4 -V rd_rdfe_stable -o "$agents/dvd.iso" "$agents/dvd"
    gcc -O2 -static -o "$agents/measure" tests/Bench/measure.c
    dotnet build tests/Platform -c Release --nologo -v quiet >&2
    make_root minbase >&2
    for agent; do
      make_root "$agent" >&2
      print_needs "$agent"
    done
    # The namespaces, and all that runs in them, end with this.
    exec unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc tests/Bench/agents.sh inside "$@"
    ;;
esac
