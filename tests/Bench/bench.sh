#!/bin/sh
# Measures out/azprovision against budget.txt: a whole run (image file read by the built-in reader, password hashed, all on
# the disk, platform on loopback) on a scratch root below out/bench and on one in memory (tmpfs), in turn with the same work
# done by baseline.c. Exit code 1: a budget that depends on nothing but the program is passed.
set -eu
cd "$(dirname "$0")/../.."

runs=${AZPROVISION_BENCH_RUNS:-21}
bench=out/bench

if [ "$(id -u)" -ne 0 ]; then
  echo "bench.sh: files get owners other than you and a host name is set: needs root (sudo make bench)" >&2
  exit 1
fi

# In a mount namespace of its own, whose tmpfs is gone with it.
if [ -z "${AZPROVISION_BENCH_INSIDE-}" ]; then
  AZPROVISION_BENCH_INSIDE=1 exec unshare --mount "$0"
fi

mkdir -p "$bench/memory"
mount -t tmpfs tmpfs "$bench/memory"
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
rm -rf "$bench/empty"
mkdir -p "$bench/empty"

make_image() {
  rm -rf "$bench/dvd"
  mkdir "$bench/dvd"
  cat >"$bench/dvd/ovf-env.xml"
  genisoimage -quiet -udf -iso-level 4 -V rd_rdfe_stable -o "$bench/$1.iso" "$bench/dvd"
}
make_image dvd <tests/Bench/ovf-env.xml
# So many different keys, each a plausible one.
for count in 100 1000; do
  awk -v count="$count" '
    /<PublicKey>/ { inside = 1 }
    inside { block = block $0 "\n" }
    !inside { print }
    /<\/PublicKey>/ {
      inside = 0
      for (i = 0; i < count; i++) {
        text = block
        gsub("GhscHR4f", sprintf("Ghsc%04d", i), text)
        printf "%s", text
      }
    }' tests/Bench/ovf-env.xml | make_image "keys$count"
done

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

# prepare DIRECTORY [ROOT]: a fresh copy; the disk is idle before each run, or it would be measured too.
prepare() { echo "rm -rf $1/root && cp -a $bench/${2:-before} $1/root && sync -f $1/root"; }
# product DIRECTORY [IMAGE]
product() {
  echo "out/azprovision --root $1/root --media $bench/${2:-dvd}.iso --wireserver $address --network off --imds none"
}
baseline() { echo "$bench/baseline $1/root $bench/dvd.iso ${address%:*} ${address##*:}"; }

# What each makes on the disk and starts on the way; the baseline is one only while it does the same.
trace() {
  name=$1
  shift
  unshare --uts strace -f -qq -o "$bench/$name.trace" "$@" 2>"$bench/$name.log"
}
trace_work() {
  name=$1
  sh -c "$(prepare "$bench")"
  trace "$@"
  {
    (cd "$bench/root" && find . -printf '%y %m %U:%G %p\n' | LC_ALL=C sort)
    # Log lines are no part of the work.
    sed -n -e '/ write(2,/d' -e 's/^[0-9]* *\(write\|fchown\|fchmod\|renameat\|mkdirat\)(.*/\1/p' "$bench/$name.trace" | sort | uniq -c
  } >"$bench/$name.work"
}
# shellcheck disable=SC2046 # words
trace_work product $(product "$bench")
# shellcheck disable=SC2046
trace_work baseline $(baseline "$bench")
if ! diff -u "$bench/product.work" "$bench/baseline.work"; then
  echo "bench.sh: baseline.c does not do the same work as azprovision" >&2
  exit 1
fi

sh -c "$(prepare "$bench" empty)"
# shellcheck disable=SC2046
trace product-empty $(product "$bench")

# measure NAME DIRECTORY FIRST SECOND: "NAME-FIRST KEY VALUE" and so on into out/bench/measured
measure() {
  # shellcheck disable=SC2086 # words
  unshare --uts "$bench/measure" -n "$runs" -p "$(prepare "$2")" -m Ready first $3 -- second $4 | sed "s/^/$1-/"
}
{
  measure disk "$bench" "$(product "$bench")" "$(baseline "$bench")"
  measure memory "$bench/memory" "$(product "$bench/memory")" "$(baseline "$bench/memory")"
  measure keys "$bench/memory" "$(product "$bench/memory" keys1000)" "$(product "$bench/memory" keys100)"
} >"$bench/measured"

calls() { grep -v -c 'resumed>\|^[0-9]* *[-+]' "$bench/$1.trace"; }
syncs() { grep -c '^[0-9]* *\(fsync\|fdatasync\|syncfs\|sync\|sync_file_range\|msync\|io_uring_enter\)(' "$bench/$1.trace"; }
measured() { awk -v name="$1" -v key="$2" '$1 == name && $2 == key { print $3 }' "$bench/measured"; }

for where in disk memory; do
  printf '%-42s %12s %12s\n' "$where: median of $runs runs (best)" azprovision baseline.c
  for key in ready_ms wall_ms cpu_ms; do
    printf '%-42s' "$key"
    for name in first second; do
      printf ' %5.1f (%4.1f)' "$(measured "$where-$name" "${key}_median")" "$(measured "$where-$name" "${key}_best")"
    done
    echo
  done
done
printf '%-42s %12s %12s\n' peak_kb "$(measured disk-first peak_kb)" "$(measured disk-second peak_kb)"
printf '%-42s %12s %12s\n' "system calls" "$(calls product)" "$(calls baseline)"
printf '%-42s %12s %12s\n' "that wait for the disk" "$(syncs product)" "$(syncs baseline)"
echo

status=0
while read -r key most consequence; do
  case $key in
    '#'*) continue ;;
    binary_bytes) value=$(wc -c <out/azprovision) ;;
    peak_kb) value=$(measured disk-first peak_kb) ;;
    threads) value=$(grep -c CLONE_THREAD "$bench/product.trace") ;;
    children) value=$(grep 'fork(\|clone3*(' "$bench/product.trace" | grep -v -c CLONE_THREAD) || true ;;
    syncs) value=$(syncs product) ;;
    calls) value=$(calls product) ;;
    calls_empty) value=$(calls product-empty) ;;
    cpu_ms) value=$(measured disk-first cpu_ms_median) ;;
    cpu_ratio) value=$(measured disk-ratio cpu_median) ;;
    disk_ratio) value=$(measured disk-ratio ready_median) ;;
    memory_ratio) value=$(measured memory-ratio ready_median) ;;
    keys_ratio) value=$(measured keys-ratio cpu_median) ;;
    *)
      echo "bench.sh: nothing measures '$key' of budget.txt" >&2
      exit 1
      ;;
  esac
  verdict=ok
  if awk -v value="$value" -v most="$most" 'BEGIN { exit value <= most }'; then
    verdict="over the budget"
    if [ "$consequence" = fails ]; then status=1; fi
  fi
  printf '%-14s %10s of %8s  %s\n' "$key" "$value" "$most" "$verdict"
done <tests/Bench/budget.txt
exit "$status"
