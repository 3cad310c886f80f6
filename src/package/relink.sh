#!/bin/sh
# Links azprovision with the glibc that the compiler finds: CC=... ./relink.sh. Needs lld as gcc's own "ld.lld" (a cross
# compiler looks for PREFIXld.lld). More arguments are the linker's, for instance -L DIR with a libc.a in it.
set -eu
cd "$(dirname "$0")"
# lld writes the name of the output into it: the same name gives the same bytes.
built=$(sed -n 's/^-o //p' link.rsp)
mkdir -p "${built%/*}"
${CC:-PREFIXgcc} @link.rsp "$@"
${OBJCOPY:-PREFIXobjcopy} --strip-debug --strip-unneeded "$built" azprovision
