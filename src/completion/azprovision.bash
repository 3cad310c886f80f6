# bash completion for azprovision(8).
# Off: complete -r azprovision

_azprovision() {
  local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} values= kept=
  # "--name=value" comes as three words, or as two if the value is yet to be typed.
  if [[ $word == = ]]; then
    word=
  elif [[ $option == = ]]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  case $option in
    --network) values='auto off' ;;
    --sudo) values='auto nopasswd password none' ;;
    --host-keys) values='auto keep generate' ;;
    --report-host-key | --certificates) values='yes no' ;;
    --only | --skip)
      values='hostname user password sudo ssh-keys sshd custom-data system resource-disk report'
      ;;
    --log) values='stderr kmsg' ;;
    --media | --imds | --resource-disk) values=none ;;
    --root | --state | --groups | --wireserver | --media-wait | --swap | --timeout) ;;
    *)
      values='--root --media --media-wait --wireserver --imds --network --keep-network --only --skip --groups --sudo
        --host-keys --run-custom-data --user-data --allow-no-login --resource-disk --swap --report-host-key
        --certificates --state --waagent-files --timeout --log --dry-run --force --wait --json --user
        --verbose --quiet --help --version -v -q -h -V'
      [[ $COMP_CWORD -ne 1 || $word == -* ]] || values='provision check clean status'
      ;;
  esac

  case $option in
    --only | --skip | --log | --groups)
      # A list: what is before the last comma is there already.
      [[ $word != *,* ]] || kept=${word%,*},
      ;;
  esac
  [[ $option != --groups ]] || values=$(compgen -g)

  mapfile -t COMPREPLY < <(compgen -P "$kept" -W "$values" -- "${word#"$kept"}")
  case $option in
    --root | --resource-disk | --state)
      compopt -o filenames 2>/dev/null
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$word")
      ;;
    --media | --log)
      compopt -o filenames 2>/dev/null
      mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -P "$kept" -f -- "${word#"$kept"}")
      ;;
  esac
}

complete -F _azprovision azprovision
