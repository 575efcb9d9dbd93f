#!/bin/sh
# Runs a command on the Wazuh host of the end-to-end tests: in a mount namespace of its own, with a root of its own. From the machine
# itself it sees the system's programs, what is named, and nothing that anybody could change.
#
#   enter.sh ROOT [PLACE=TARGET …] -- COMMAND …     PLACE of this machine appears as TARGET there, read-only
set -eu
if [ "${1:-}" != --inside ]; then
  exec unshare --mount --propagation private /bin/sh "$0" --inside "$@"
fi
shift
root=$1
shift
appear() { # PLACE TARGET
  mkdir -p "$root$2"
  mount --rbind "$1" "$root$2"
  [ "${3:-}" = writable ] || mount -o remount,bind,ro "$root$2"
}
for folder in bin sbin lib lib64; do
  if [ -L "/$folder" ]; then
    # A link into /usr, as on most systems.
    if [ ! -e "$root/$folder" ] && [ ! -L "$root/$folder" ]; then cp -P "/$folder" "$root/$folder"; fi
  elif [ -d "/$folder" ]; then
    appear "/$folder" "/$folder"
  fi
done
if [ -L /lib ] && [ ! -L "$root/lib" ]; then
  # It has units of its own there; the rest is this machine's.
  for each in /usr/lib/*; do
    [ -e "$root/lib/${each##*/}" ] || [ -L "$root/lib/${each##*/}" ] || ln -s "$each" "$root/lib/${each##*/}"
  done
fi
appear /usr /usr
appear /proc /proc writable
appear /dev /dev writable
while [ "$1" != -- ]; do
  appear "${1%%=*}" "${1#*=}"
  shift
done
shift
exec chroot "$root" "$@"
