#!/bin/sh
# `journalctl --unit UNIT … --lines N …` on the Wazuh host of the end-to-end tests.
unit= lines=10
while [ $# -gt 0 ]; do
  case "$1" in
    --unit) unit=$2 && shift ;;
    --lines) lines=$2 && shift ;;
  esac
  shift
done
tail -n "$lines" "/var/log/services/$unit.log"
