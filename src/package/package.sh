#!/bin/sh
# package.sh ARCH...: out/packages/{*.deb,*.rpm,*.tar.xz,*.spdx.json,SHA256SUMS} of the executables in out/. The same
# bytes from the same commit, in whatever directory and whenever.
# shellcheck disable=SC1091,SC2154 # common.sh sets them
set -eu
cd "$(dirname "$0")/../.."
. src/package/common.sh
. src/package/owner.conf
out=$PWD/out/packages
rm -f "$out"/azprovision* "$out/SHA256SUMS"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# installed ARCH DIR: what every package puts onto a system, in DIR.
installed() {
  make -s install-systemd install-man install-completion PROGRAM="$program" DESTDIR="$2"
  gzip -9 -n "$2"/usr/share/man/man*/*
  doc=$2/usr/share/doc/azprovision
  mkdir -p "$doc"
  cp src/package/LICENCE "$work/THIRD-PARTY" "$doc/"
  cp "$out/azprovision-$version-$1.spdx.json" "$doc/azprovision.spdx.json"
}

# settle DIR: one time for all files and two modes, so that no archive knows when it was made or how it was checked out.
settle() {
  chmod -R u=rwX,go=rX "$1"
  find "$1" -depth -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# kilobytes DIR: as deb-substvars(5) counts them, so that file systems make no difference.
kilobytes() {
  find "$1" -printf '%y %s\n' | awk '{ sum += $1 == "f" ? int(($2 + 1023) / 1024) : 1 } END { print sum }'
}

deb() {
  root=$work/deb-$1
  installed "$1" "$root"
  doc=$root/usr/share/doc/azprovision
  # Where Debian wants them.
  mv "$root/usr/share/zsh/site-functions" "$root/usr/share/zsh/vendor-completions"
  mkdir -p "$root/lib/systemd/system" "$root/usr/share/lintian/overrides" "$root/DEBIAN"
  mv "$root/usr/lib/systemd/system/azprovision.service" "$root/lib/systemd/system/"
  mkdir "$root/lib/systemd/system-generators"
  ln -s /usr/sbin/azprovision "$root/lib/systemd/system-generators/azprovision-generator"
  rm -r "$root/usr/lib"
  make -s install-sysvinit PROGRAM="$program" DESTDIR="$root"
  { printf 'Licence of azprovision: %s\n\n' "$licence_deb" && cat "$doc/LICENCE" &&
    printf '\nWhat is linked into it: THIRD-PARTY.gz, beside this file.\n'; } >"$doc/copyright"
  rm "$doc/LICENCE"
  printf 'azprovision (%s) stable; urgency=medium\n\n  * See the commits of the sources.\n\n -- %s  %s\n' \
    "$version" "$maintainer" "$(date -u -d "@$SOURCE_DATE_EPOCH" -R)" >"$doc/changelog"
  gzip -9 -n "$doc/changelog" "$doc/THIRD-PARTY" "$doc/azprovision.spdx.json"
  cp src/package/deb/lintian-overrides "$root/usr/share/lintian/overrides/azprovision"
  sed -e "s/@version@/$version/; s/@arch@/$1/; s/@maintainer@/$maintainer/" \
    -e "s/@size@/$(kilobytes "$root")/" src/package/deb/control >"$root/DEBIAN/control"
  echo /etc/init.d/azprovision >"$root/DEBIAN/conffiles"
  for script in postinst postrm; do
    install -m 755 "src/package/deb/$script" "$root/DEBIAN/$script"
  done
  (cd "$root" && find etc lib usr -type f | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
  settle "$root"
  dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$root" "$out/azprovision_${version}_$1.deb" >/dev/null
}

rpm() {
  root=$work/rpm-$1
  installed "$1" "$root"
  mkdir -p "$root/usr/share/licenses/azprovision"
  mv "$root/usr/share/doc/azprovision/LICENCE" "$root/usr/share/doc/azprovision/THIRD-PARTY" "$root/usr/share/licenses/azprovision/"
  settle "$root"
  # Strip, checks of the build machine's and its name are rpmbuild's own ideas.
  rpmbuild -bb --quiet --target "$rpm_arch-linux" --define "version_ $version" --define "licence $licence_rpm" \
    --define "stage $root" --define "_topdir $work/rpmbuild" --define "_rpmdir $out" --define "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
    --define "_buildhost azprovision" --define "use_source_date_epoch_as_buildtime 1" \
    --define "clamp_mtime_to_source_date_epoch 1" --define "_binary_payload w6.xzdio" \
    src/package/azprovision.spec
}

tarball() {
  root=$work/azprovision-$version-$1
  mkdir -p "$root/out" "$root/src"
  cp "$program" "$root/out/azprovision"
  cp -R src/boot src/man src/completion "$root/src/"
  echo 'include src/boot/install.mk' >"$root/Makefile"
  sed "s/@version@/$version/; s/@arch@/$1/" src/package/tarball.md >"$root/README.md"
  cp src/package/LICENCE "$work/THIRD-PARTY" "$root/"
  cp "$out/azprovision-$version-$1.spdx.json" "$root/azprovision.spdx.json"
  settle "$root"
  pack_tar "$root" "$out/azprovision-$version-$1.tar.xz"
}

for arch; do
  of "$arch"
  src/package/sbom.sh "$arch" >"$out/azprovision-$version-$arch.spdx.json"
  src/package/third-party.sh "$arch" >"$work/THIRD-PARTY"
  deb "$arch"
  rpm "$arch"
  tarball "$arch"
done
(cd "$out" && sha256sum ./azprovision* | sed 's| \./| |' >SHA256SUMS)
cat "$out/SHA256SUMS"
