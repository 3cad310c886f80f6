#!/bin/sh
# What of out/azprovision is whose: the ILC's map by assembly and by folder of src, then the sections of the file.
# The map has the managed part before lld drops what nothing refers to, so its sums are a little more than the file's.
set -eu
cd "$(dirname "$0")/../.."

map=src/obj/Release/net10.0/linux-x64/native/azprovision.map.xml

# Names are mangled: an optional kind ("__GCSTATICS"), assembly, namespace, type and member, joined by underscores.
# In generic code the first name counts, which is mostly that of the generic type.
sed -n 's/^ *<\([A-Za-z]*\) Name="\([^"]*\)" Length="\([0-9]*\)".*/\1 \3 \2/p' "$map" |
  awk '
    $1 == "DehydratedData" { next }   # the same data again, packed
    {
      name = $3
      whose = "other"
      if (match(name, /azprovision_Azprovision_[A-Za-z0-9]+/)) {
        whose = substr(name, RSTART, RLENGTH)
        sub(/.*_/, "", whose)
        whose = "src/" (whose in folders ? whose : "*.cs")
      } 
    }
  '
