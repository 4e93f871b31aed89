# Completion of isolation-netlinkd for bash: source this file, or install it as /usr/share/bash-completion/completions/isolation-netlinkd.
# shellcheck shell=bash

_isolation_netlinkd() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' word
  local everywhere='--help --json --verbose' takes_policy=''
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    if [[ $word != -* ]]; then command=$word; break; fi
  done

  case $previous in
    --confirm-within | --for | --lock-wait | --max-entries | --max-memory | --verify-interval) return ;;
    --log) mapfile -t COMPREPLY < <(compgen -W 'console json journald' -- "$current"); return ;;
    --html | --metrics | --policy | --questions) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
  esac

  local limits='--max-memory --max-entries' options
  case $command in
    '') options='--version' ;;
    validate) options='' takes_policy=yes ;;
    plan) options=$limits takes_policy=yes ;;
    apply) options="--confirm-within --lock-wait $limits" takes_policy=yes ;;
    confirm | rollback | remove) options='--lock-wait' ;;
    show) options='--rules' ;;
    run) options="--policy --insecure-policy-file --verify-interval --metrics --log --lock-wait $limits" ;;
    matrix) options='--html' takes_policy=yes ;;
    explain) options='--policy --from-kernel --no-kernel --questions' ;;
    trace) options='--for --replies --lock-wait' ;;
    version) options='' ;;
    # These have command lines of their own.
    *) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
  esac

  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options $everywhere" -- "$current")
  elif [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'validate matrix plan apply confirm rollback show remove run explain trace ipset iptables-save iptables-restore version' -- "$current")
  elif [[ -n $takes_policy ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}

complete -o filenames -F _isolation_netlinkd isolation-netlinkd
