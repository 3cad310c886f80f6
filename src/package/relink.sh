#!/bin/sh
# Links azprovision with the glibc that the compiler finds: CC=... ./relink.sh. Needs lld as gcc's own "ld.lld" (a cross
# compiler looks for PREFIXld.lld). More arguments are the linker's, for instance -L DIR with a libc.a in it.
set -eu
cd "$(dirname "$0")"
${CC:-PREFIXgcc} @link.rsp "$@"
${STRIP:-PREFIXobjcopy} --strip-debug --strip-unneeded azprovision
