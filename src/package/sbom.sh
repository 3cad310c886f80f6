#!/bin/sh
# sbom.sh ARCH: prints the bill of materials of the executable, SPDX 2.3 as JSON.
# shellcheck disable=SC1091,SC2154 # common.sh sets them
set -eu
cd "$(dirname "$0")/../.."
. src/package/common.sh
. src/package/owner.conf
of "$1"

digest=$(sha256sum "$program" | cut -d ' ' -f 1)
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
# distribution FILE: "name version" of the package of Debian or of one of its kind that a file of the compiler's is of; nothing elsewhere.
distribution() {
  file=$("${prefix}gcc" -print-file-name="$1")
  package=$(dpkg-query --search "$(readlink -f "$file")" 2>/dev/null | cut -d : -f 1)
  # shellcheck disable=SC2016 # dpkg-query's own
  dpkg-query --show --showformat '${Package} ${Version}\n' "$package" 2>/dev/null | head -n 1
}
# Whose package that is: os-release(5).
vendor=$(. /etc/os-release && echo "$ID")
libc=$(distribution libc.a)
libgcc=$(distribution libgcc.a)

# package ID NAME VERSION LICENCE SUPPLIER PURL
package() {
  cat <<EOF
    {
      "SPDXID": "SPDXRef-$1",
      "name": "$2",
      "versionInfo": "$3",
      "supplier": "$5",
      "downloadLocation": "NOASSERTION",
      "filesAnalyzed": false,
      "licenseConcluded": "NOASSERTION",
      "licenseDeclared": "$4",
      "copyrightText": "NOASSERTION",
      "externalRefs": [
        { "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "$6" }
      ]
    },
EOF
}

cat <<EOF
{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "azprovision-$version-$1",
  "documentNamespace": "urn:azprovision:$version:$1:$digest",
  "creationInfo": { "created": "$created", "creators": [ "Tool: azprovision-sbom.sh-$version" ] },
  "packages": [
EOF
runtime_pack=$(basename "${pack%/*}")
package runtime "$runtime_pack" "${pack##*/}" MIT "Organization: Microsoft" "pkg:nuget/$runtime_pack@${pack##*/}"
package libc "${libc% *}" "${libc#* }" LGPL-2.1-or-later "Organization: $vendor" "pkg:deb/$vendor/${libc% *}@${libc#* }"
package libgcc "${libgcc% *}" "${libgcc#* }" "GPL-3.0-or-later WITH GCC-exception-3.1" "Organization: $vendor" \
  "pkg:deb/$vendor/${libgcc% *}@${libgcc#* }"
cat <<EOF
    {
      "SPDXID": "SPDXRef-azprovision",
      "name": "azprovision",
      "versionInfo": "$version",
      "packageFileName": "azprovision",
      "primaryPackagePurpose": "APPLICATION",
      "downloadLocation": "NOASSERTION",
      "filesAnalyzed": false,
      "checksums": [ { "algorithm": "SHA256", "checksumValue": "$digest" } ],
      "licenseConcluded": "NOASSERTION",
      "licenseDeclared": "$licence_spdx",
      "copyrightText": "NOASSERTION"
    }
  ],
  "relationships": [
    { "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-azprovision" },
    { "spdxElementId": "SPDXRef-azprovision", "relationshipType": "STATIC_LINK", "relatedSpdxElement": "SPDXRef-runtime" },
    { "spdxElementId": "SPDXRef-azprovision", "relationshipType": "STATIC_LINK", "relatedSpdxElement": "SPDXRef-libc" },
    { "spdxElementId": "SPDXRef-azprovision", "relationshipType": "STATIC_LINK", "relatedSpdxElement": "SPDXRef-libgcc" }
  ]
}
EOF
