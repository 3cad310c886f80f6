#!/bin/sh
# install-packages.sh PACKAGE... : installs those of these Debian packages that are missing. Not root: names them.
set -eu

missing=
for package; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "missing packages; as root: apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
command -v apt-get >/dev/null || {
  echo "missing, and no apt-get to install them:$missing" >&2
  exit 1
}

install() {
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get -q -q install --no-install-recommends -y $missing >&2
}
# The package lists may be there and fresh enough; they are fetched only if this fails.
install 2>/dev/null || { apt-get -q -q update && install; }
