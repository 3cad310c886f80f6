# For the other scripts here, which have gone to the top of the repository: names, versions, times.
# shellcheck shell=sh disable=SC2034 # they read these

version=$(sed -n 's/.*Version = "\(.*\)";.*/\1/p' src/Spec/Product.cs)
# The same from everybody, whenever: files bear the time of the last commit, sorted by name, owned by root.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
umask 022

# of ARCH: sets $program, $runtime (as .NET calls it) and $objects, where the executable was linked.
of() {
  case $1 in
    amd64) runtime=linux-x64 prefix=x86_64-linux-gnu- rpm_arch=x86_64 ;;
    arm64) runtime=linux-arm64 prefix=aarch64-linux-gnu- rpm_arch=aarch64 ;;
    *) echo "$0: no architecture '$1'" >&2 && exit 2 ;;
  esac
  program=out/$1/azprovision
  [ "$(uname -m)" != "$rpm_arch" ] || program=out/azprovision
  objects=src/obj/Release/net10.0/$runtime/native
  # The runtime's libraries, as the link command names them: DIR/VERSION/runtimes/...
  pack=$(sed -n 's|^"\{0,1\}\(.*/microsoft.netcore.app.runtime.nativeaot[^/]*/[^/]*\)/.*/libbootstrapper.o.*|\1|p' "$objects/link.rsp")
  if [ ! -e "$program" ] || [ ! -d "$pack" ]; then
    echo "$0: $program is not built, or not here" >&2
    exit 1
  fi
}

# pack_tar DIR FILE: DIR, which is its only name, as a tarball.
pack_tar() {
  tar --create --directory "${1%/*}" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --format=ustar "${1##*/}" | xz --threads=1 >"$2"
}
