#!/bin/sh
# email-dispatcher, portable form: this script, then the program's files, then Deno (gzip). It unpacks itself once into the
# user's cache and starts what it unpacked; XDG_CACHE_HOME chooses the place. Its folder may be deleted when nothing runs.
set -u
# What is unpacked is ours alone; the program makes its files as in its other forms.
mask=$(umask)
umask 077
id=@ID@
files=@FILES@
# Where the files begin in this one.
start=@START@
# This file, from whatever folder.
case $0 in
/*) self=$0 ;;
*) self=$PWD/$0 ;;
esac

# Enters folder $1 and makes sure from inside that it is ours alone: neither a link, nor somebody else's, nor one that others
# may write to, who could change what we are about to run. What a name stands for may change after a look at it; the folder
# we are in does not.
enter() {
  cd -P "${1%/*}/" 2>/dev/null && parent=$(pwd -P) && cd -P "./${1##*/}" 2>/dev/null || return 1
  [ "$(pwd -P)" = "${parent%/}/${1##*/}" ] && [ -O . ] &&
    [ -z "$(find . -maxdepth 0 \( -perm -020 -o -perm -002 \) 2>&1)" ]
}

# All files of $1 are there, each of its size: one `find`, as this is asked at every start.
complete() {
  [ -d "$1" ] && [ "$(find "$1" -maxdepth 1 -type f \( @SIZES@ \) 2>/dev/null | grep -c .)" = "$files" ]
}

# OFFSET SIZE NAME; tail counts from 1.
extract() {
  tail -c "+$((start + $1 + 1))" "$self" | head -c "$2" >"$unpacked/$3"
}

unpack() {
@EXTRACTS@
  tail -c "+$((start + @DENO_OFFSET@ + 1))" "$self" | gzip -dc >"$unpacked/deno" || return 1
  chmod 700 "$unpacked/deno" || return 1
  complete "$unpacked" || return 1
  # A place from which nothing may be run (noexec) shows here.
  "$unpacked/deno" --version >/dev/null || return 1
  # The rename below must not reach the disk before what it names; older systems cannot sync single files.
  sync "$unpacked"/* 2>/dev/null || :
}

# Leaves the program in ./$id, or fails. Others may be doing the same: each unpacks apart, and whoever comes first wins.
install_here() {
  find . -maxdepth 1 -name 'unpack.*' -mtime +1 -exec rm -rf {} + 2>/dev/null
  unpacked=$(mktemp -d ./unpack.XXXXXX 2>/dev/null) || return 1
  if ! why=$(unpack 2>&1); then
    rm -rf "$unpacked"
    return 1
  fi
  if [ -e "$id" ] && ! complete "$id"; then
    mv "$id" "$unpacked.broken" 2>/dev/null
    rm -rf "$unpacked.broken"
  fi
  if [ ! -e "$id" ]; then
    mv "$unpacked" "$id" 2>/dev/null
  fi
  # Where another start came first, mv put ours into its folder, or we still have it.
  rm -rf "$unpacked" "$id/${unpacked##*/}"
  complete "$id"
}

# Says where the program is in folder $1, by its real name, or fails and says why. In a shell of its own: the program runs
# in the user's folder.
prepare() (
  unpacked= why=
  trap 'rm -rf "$unpacked"; exit 3' INT TERM HUP
  enter "$1" || exit 1
  if complete "$id" || install_here; then pwd -P; else
    echo "$why"
    exit 1
  fi
)

# $1 is the place, the rest are the program's arguments.
try() {
  if ! found=$(prepare "$1"); then
    why=${found:-$why}
    return 1
  fi
  program=$found/$id
  shift
  umask "$mask"
  # Deno keeps its compiled code there too, and asks nobody for a newer Deno.
  export DENO_DIR="$program/cache" DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1
  exec "$program/deno" run --quiet --no-config --no-lock --no-npm --no-remote @RUN_FLAGS@ \
    "$program/@ENTRY@" "$@"
}

why=
trap 'exit 3' INT TERM HUP

case ${XDG_CACHE_HOME:-} in
/*) cache=$XDG_CACHE_HOME ;;
# Somebody else's home, as after `sudo -E`, is theirs to change under our feet.
*) cache= && [ -O "${HOME:-}" ] && cache=$HOME/.cache ;;
esac
if [ -n "$cache" ]; then
  mkdir -p "$cache/email-dispatcher" 2>/dev/null
  try "$cache/email-dispatcher" "$@"
fi

# No home, or one that cannot be written to or run from. The name's end is random, so that nobody can be there first.
temporary=${TMPDIR:-/tmp}/email-dispatcher-$(id -u)
for place in "$temporary".*; do
  try "$place" "$@"
done
place=$(mktemp -d "$temporary.XXXXXX" 2>/dev/null) && try "$place" "$@"
[ -d "$place" ] && rmdir "$place" 2>/dev/null

echo "email-dispatcher: Cannot unpack the program: no folder to write to and run from${why:+ ($why)}" >&2
echo "  Set XDG_CACHE_HOME to one that has 200 MB of room" >&2
exit 2
