#!/bin/sh
# What the bytes of out/azprovision are for: managed code and data by assembly and by folder of src, from the compiler's
# map, and then the sections of the file. The map is older than the link, which packs some of it and drops a little.
set -eu
cd "$(dirname "$0")/../.."

map=src/obj/Release/net10.0/linux-x64/native/azprovision.map.xml

# A mangled name is that of a type or member, its assembly first; before it may stand what is kept of it, as in
# "__GCSTATICS". Generic code has the names of what it is made for too: the first counts.
# DehydratedData is a copy of other rows.
sed -n '/<DehydratedData /d; s/^ *<[A-Za-z]* Name="\([^"]*\)" Length="\([0-9]*\)".*/\2 \1/p' "$map" |
  awk -v folders="$(cd src && printf '%s ' */)" '
    function place(pattern) { return match($2, pattern) ? RSTART : length($2) + 1 }
    {
      ours = place("azprovision_Azprovision_")
      private = place("S_P_[A-Za-z]+")
      library = place("System_")
      if (ours < private && ours < library) {
        split(substr($2, ours), part, "_")
        whose = "azprovision"
        folder = index(" " folders, " " part[3] "/") ? "src/" part[3] : "src/*.cs"
        sum[folder] += $1
      } else if (private < library) {
        match($2, "S_P_[A-Za-z]+")
        whose = "System.Private." substr($2, RSTART + 4, RLENGTH - 4)
      } else if (library <= length($2)) {
        whose = substr($2, library)
        sub("_System_.*|__.*", "", whose)
        gsub("_", ".", whose)
      } else {
        whose = "shared, or of basic types"
      }
      sum[whose] += $1
      all += $1
    }
    END {
      print all, "all of the map"
      for (whose in sum) { print sum[whose], whose }
    }' |
  sort -k 1,1nr | awk '$1 >= 1000 { kind = /src\// ? 2 : 1; line[kind] = line[kind] sprintf("%10d  %s\n", $1, substr($0, length($1) + 2)) }
    END { printf "managed, by assembly\n%s\nours, by folder\n%s\n", line[1], line[2] }'

echo "sections"
size -A out/azprovision | awk 'NR > 2 && $2 >= 10000 && $3 > 0 && $1 != ".bss" && $1 != ".hydrated" { printf "%10d  %s\n", $2, $1 }' | sort -k 1,1nr
printf '%10d  out/azprovision\n' "$(wc -c <out/azprovision)"
