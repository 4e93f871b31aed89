# What the scripts share; sourced with the root of the tree as the working directory.
# shellcheck shell=bash

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true
# No build server outlives a script: it would hold on to its output.
export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

say() { printf '\n== %s\n' "$*"; }

# One configuration for everything, so that what one script built the next one uses.
restore() {
  say 'dotnet restore'
  if [ "${CI-}" = true ]; then dotnet restore --locked-mode; else dotnet restore; fi
}

build() {
  say "dotnet build $*"
  dotnet build -c Release --no-restore "$@"
}
