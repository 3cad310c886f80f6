#!/bin/sh
# Measures out/azprovision against budget.txt: a whole run (image file read by the built-in reader, password hashed,
# fsync, platform on loopback) on a scratch root below out/bench, in turn with the same work done by baseline.c.
# Exit code 1: a budget that depends on nothing but the program is passed.
set -eu
cd "$(dirname "$0")/../.."

runs=${AZPROVISION_BENCH_RUNS:-31}
bench=out/bench

if [ "$(id -u)" -ne 0 ]; then
  echo "bench.sh: files get owners other than you and a host name is set: needs root (sudo make bench)" >&2
  exit 1
fi

mkdir -p "$bench"
for program in measure baseline; do
  gcc -O2 -static -Wall -Wextra -o "$bench/$program" "tests/Bench/$program.c" -lcrypt
done

# The root to provision: a golden case's files with the owners and modes that its listing names.
case=tests/Cases/debian-12-key
rm -rf "$bench/before"
cp -r "$case/before" "$bench/before"
chmod -R u=rwX,go=rX "$bench/before"
while read -r mode owner type path _ target; do
  case $type in
    d) mkdir -p "$bench/before/$path" ;;
    l)
      ln -s "$target" "$bench/before/$path"
      continue
      ;;
  esac
  chown "$owner" "$bench/before/$path"
  chmod "$mode" "$bench/before/$path"
done <"$case/before.list"

rm -rf "$bench/dvd"
mkdir "$bench/dvd"
cp tests/Bench/ovf-env.xml "$bench/dvd"
genisoimage -quiet -udf -iso-level 4 -V rd_rdfe_stable -o "$bench/dvd.iso" "$bench/dvd"

# The platform: its first line is the address it listens on.
dotnet build tests/Platform -c Release --nologo -v quiet >&2
: >"$bench/platform.log"
dotnet tests/Platform/bin/Release/net10.0/platform.dll --listen 127.0.0.1:0 >"$bench/platform.log" &
platform=$!
trap 'kill "$platform"; wait "$platform" || true' EXIT
until [ -s "$bench/platform.log" ]; do
  kill -0 "$platform"
  sleep 0.1
done
address=$(head -n 1 "$bench/platform.log")

# The disk is idle before each run, or it would be measured too.
prepare="rm -rf $bench/root && cp -a $bench/before $bench/root && sync -f $bench/root"
product="out/azprovision --root $bench/root --media $bench/dvd.iso --wireserver $address --network off"
baseline="$bench/baseline $bench/root $bench/dvd.iso ${address%:*} ${address##*:}"

# What each makes on the disk and starts on the way; the baseline is one only while it does the same.
writing=fsync,write,fchown,fchmod,unlinkat,renameat,mkdirat
trace() {
  name=$1
  shift
  sh -c "$prepare"
  unshare --uts strace -f -qq -e "trace=clone,clone3,fork,vfork,$writing" -o "$bench/$name.trace" "$@" \
    2>"$bench/$name.log"
  {
    (cd "$bench/root" && find . -printf '%y %m %U:%G %p\n' | LC_ALL=C sort)
    # Log lines are no part of the work.
    sed -n -e '/ write(2,/d' -e '/clone\|fork/d' -e 's/^[0-9]* *\([a-z]*\)(.*/\1/p' "$bench/$name.trace" |
      sort | uniq -c
  } >"$bench/$name.work"
}
# shellcheck disable=SC2086 # words
trace product $product
# shellcheck disable=SC2086
trace baseline $baseline
if ! diff -u "$bench/product.work" "$bench/baseline.work"; then
  echo "bench.sh: baseline.c does not do the same work as azprovision" >&2
  exit 1
fi

# shellcheck disable=SC2086
unshare --uts "$bench/measure" -n "$runs" -p "$prepare" -m Ready \
  azprovision $product -- baseline $baseline >"$bench/measured"
{
  echo "azprovision binary_bytes $(wc -c <out/azprovision)"
  echo "azprovision threads $(grep -c CLONE_THREAD "$bench/product.trace")"
  echo "azprovision children $(grep 'fork\|clone' "$bench/product.trace" | grep -v -c 'CLONE_THREAD\|resumed')"
} >>"$bench/measured"

measured() { awk -v name="$1" -v key="$2" '$1 == name && $2 == key { print $3 }' "$bench/measured"; }

printf '%-42s %12s %12s\n' "median of $runs runs (best)" azprovision baseline.c
for key in ready_ms wall_ms cpu_ms; do
  printf '%-42s' "$key"
  for name in azprovision baseline; do
    printf ' %5.1f (%4.1f)' "$(measured "$name" "${key}_median")" "$(measured "$name" "${key}_best")"
  done
  echo
done
printf '%-42s %12s %12s\n' peak_kb "$(measured azprovision peak_kb)" "$(measured baseline peak_kb)"
echo

status=0
while read -r key most consequence; do
  case $key in
    '#'*) continue ;;
    cpu_ms) value=$(measured azprovision cpu_ms_median) ;;
    ready_ratio) value=$(measured ratio ready_median) ;;
    *) value=$(measured azprovision "$key") ;;
  esac
  verdict=ok
  if awk -v value="$value" -v most="$most" 'BEGIN { exit value <= most }'; then
    verdict="over the budget"
    if [ "$consequence" = fails ]; then status=1; fi
  fi
  printf '%-14s %10s of %8s  %s\n' "$key" "$value" "$most" "$verdict"
done <tests/Bench/budget.txt
exit "$status"
