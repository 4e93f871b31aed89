#!/usr/bin/env bash
# Fetches the source package that the installed ipset program was built from, and prints the directory of its tests.
# Needs neither root nor changes to the machine: apt's lists and caches are private, its sources the machine's own, as deb-src.
#   tests/peer/fetch.sh CACHE
set -eu -o pipefail

cache=${1:?the directory to keep it in}
say_why() { echo "$*" >&2; exit 1; }

version=$(dpkg-query -W -f '${source:Version}' ipset 2>/dev/null) || say_why 'ipset is not installed as a package of Debian or its relatives'
source=$cache/ipset-${version//:/_}
if [ ! -e "$source/complete" ]; then
  command -v dpkg-source >/dev/null || say_why 'dpkg-source is missing: apt-get install dpkg-dev'
  rm -rf "$source"
  mkdir -p "$source/apt/sources" "$source/apt/lists/partial" "$source/apt/cache/archives/partial"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    case $file in
      *.list) sed -nE 's/^deb(-src)?[[:space:]]/deb-src /p' "$file" ;;
      *.sources) sed -E 's/^Types:.*/Types: deb-src/' "$file" ;;
      *) continue ;;
    esac >"$source/apt/sources/${file##*/}" 2>/dev/null || true
  done
  apt=(timeout 180 apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$source/apt/sources"
    -o Dir::State::Lists="$source/apt/lists" -o Dir::Cache="$source/apt/cache" -o APT::Sandbox::User="$(id -un)"
    -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20)
  cd "$source"
  # A repository without sources fails the update; whether ours was among the others is seen below.
  "${apt[@]}" update >update.log 2>&1 </dev/null || true
  "${apt[@]}" source "ipset=$version" >source.log 2>&1 </dev/null ||
    say_why "the source of ipset $version cannot be had: $(cat update.log source.log | grep -m 1 '^[WE]: ')"
  rm -rf apt
  touch complete
fi
for tests in "$source"/ipset-*/tests; do
  if [ -d "$tests" ]; then echo "$tests"; exit; fi
done
say_why "the source of ipset $version has no tests"
