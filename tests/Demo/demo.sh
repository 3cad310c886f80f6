#!/bin/sh
# Provisions a scratch root below out/demo with the shipped binary, a sample DVD and a platform on loopback, and shows
# what has changed. Nothing of the host is touched: the host name is set in a namespace of its own.
set -eu
cd "$(dirname "$0")/../.."

if [ "$(id -u)" -ne 0 ]; then
  echo "demo.sh: files get owners other than you and a host name is set: needs root (sudo make run)" >&2
  exit 1
fi

demo=out/demo
rm -rf "$demo" "$demo".*

title() { printf '\n== %s\n' "$*"; }

# A small generalized image, with what a Debian has in these places.
mkdir -p "$demo/bin" "$demo/etc/skel" "$demo/etc/ssh" "$demo/etc/sudoers.d" "$demo/home" "$demo/var/lib" "$demo/tmp"
: >"$demo/bin/bash"
chmod 755 "$demo/bin/bash"
cat >"$demo/etc/passwd" <<'END'
root:x:0:0:root:/root:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
END
cat >"$demo/etc/shadow" <<'END'
root:*:19700:0:99999:7:::
nobody:*:19700:0:99999:7:::
END
cat >"$demo/etc/group" <<'END'
root:x:0:
sudo:x:27:
nogroup:x:65534:
END
cat >"$demo/etc/gshadow" <<'END'
root:*::
sudo:*::
nogroup:*::
END
chmod 640 "$demo/etc/shadow" "$demo/etc/gshadow"
cat >"$demo/etc/login.defs" <<'END'
UID_MIN 1000
UID_MAX 60000
GID_MIN 1000
GID_MAX 60000
HOME_MODE 0700
END
echo '@includedir /etc/sudoers.d' >"$demo/etc/sudoers"
chmod 440 "$demo/etc/sudoers"
printf 'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n' >"$demo/etc/ssh/sshd_config"
mkdir "$demo/etc/ssh/sshd_config.d"
echo 'alias ll="ls -l"' >"$demo/etc/skel/.bashrc"
echo generalized >"$demo/etc/hostname"
cp -a "$demo" "$demo.before"

genisoimage -quiet -udf -iso-level 4 -V rd_rdfe_stable -o "$demo.iso" tests/Demo/dvd

# The platform: its first line is the address it listens on.
dotnet build tests/Platform -c Release --nologo -v quiet
dotnet tests/Platform/bin/Release/net10.0/platform.dll --listen 127.0.0.1:0 --log "$demo.requests" >"$demo.address" &
platform=$!
trap 'kill "$platform"; wait "$platform"' EXIT
until [ -s "$demo.address" ]; do
  kill -0 "$platform"
  sleep 0.1
done
address=$(head -n 1 "$demo.address")

title "azprovision --root $demo --media $demo.iso --wireserver $address --network off --groups sudo"
unshare --uts sh -eu -c '
  "$@"
  printf "\n== host name of the kernel (in a namespace of its own)\n"
  hostname
' sh out/azprovision --root "$demo" --media "$demo.iso" --wireserver "$address" --network off --groups sudo --timeout 60

title "lines of system files (hash shortened)"
# diff tells by exit code 1 that it found something.
# shellcheck disable=SC2016 # $ is meant as it is
{ (cd out && diff -r -u -N demo.before/etc demo/etc) || [ $? -eq 1 ]; } |
  sed -n -e '/^diff/d' -e 's/^+++ demo\([^[:space:]]*\).*/\1/p' -e '/^---/d' -e '/^[+-]/p' |
  sed -e 's/\(\$6\$[^$]*\$......\)[^:]*/\1.../'
title "files of the user"
(cd "$demo" && find home -printf '%M %U:%G /%p\n')
title "/home/ada/.ssh/authorized_keys"
cat "$demo/home/ada/.ssh/authorized_keys"
title "state"
(cd "$demo" && find var/lib/azprovision -printf '%M %U:%G /%p\n')
title "/var/lib/azprovision/custom-data"
cat "$demo/var/lib/azprovision/custom-data"
title "what the platform received"
cat "$demo.requests"
