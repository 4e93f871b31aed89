#!/usr/bin/env bash
# Fetches the source package that an installed package was built from, and prints a directory of it.
# Needs neither root nor changes to the machine: apt's lists and caches are private, its sources the machine's own, as deb-src.
#   tests/peer/fetch.sh CACHE PACKAGE DIRECTORY
set -eu -o pipefail

cache=${1:?the directory to keep it in} package=${2:?the package} directory=${3:?what is wanted of it}
say_why() { echo "$*" >&2; exit 1; }

version=$(dpkg-query -W -f '${source:Version}' "$package" 2>/dev/null) ||
  say_why "$package is not installed as a package of Debian or its relatives"
source=$cache/$package-${version//:/_}
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
  "${apt[@]}" source "$package=$version" >source.log 2>&1 </dev/null ||
    say_why "the source of $package $version cannot be had: $(cat update.log source.log | grep -m 1 '^[WE]: ')"
  rm -rf apt
  touch complete
fi
for found in "$source/$package"-*/"$directory"; do
  if [ -d "$found" ]; then echo "$found"; exit; fi
done
say_why "the source of $package $version has no $directory"
