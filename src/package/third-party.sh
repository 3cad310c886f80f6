#!/bin/sh
# third-party.sh ARCH: prints the notices of what is linked into the executable.
# shellcheck disable=SC1091,SC2154 # common.sh sets them
set -eu
cd "$(dirname "$0")/../.."
. src/package/common.sh
of "$1"
glibc=$(printf '#include <features.h>\n__GLIBC__ __GLIBC_MINOR__\n' | "${prefix}gcc" -E -P - | tail -n 1 | tr ' ' .)

cat <<EOF
azprovision $version for $1 is one static executable. Linked into it, beside azprovision itself:

1. The .NET runtime and class library, version ${pack##*/}, under the MIT licence below; parts of them under the
   licences of the notices that follow it.
2. glibc, the GNU C Library, $glibc, under the GNU Lesser General Public License, version 2.1 or (at your option) any later
   version. Its text is section 4 of this file.
3. libgcc, $("${prefix}gcc" -dumpfullversion), under the GNU General Public License, version 3 or later, with the GCC Runtime Library
   Exception 3.1, by which an executable made by gcc is under whatever terms its owner chooses.

To link azprovision with a glibc of your own ("make relink-kit" in its sources makes the archive relink-kit-$1.tar.xz,
which comes with the packages): unpack it and run ./relink.sh; it needs gcc, lld and the static libc.a of your choice.
The sources of glibc are those of the distribution that the executable was built on, named in azprovision.spdx.json.

==== 1. .NET runtime: licence

EOF
cat "$pack/LICENSE.TXT"
printf '\n==== 2. .NET runtime: notices of third parties\n\n'
cat "$pack/THIRD-PARTY-NOTICES.TXT"
printf '\n==== 3. glibc: copyright notices\n\n'
cat /usr/share/doc/libc6-dev/copyright
printf '\n==== 4. GNU Lesser General Public License 2.1\n\n'
cat /usr/share/common-licenses/LGPL-2.1
